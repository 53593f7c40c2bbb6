import { connect, type Server, type Socket } from "node:net";
import { closed, listening, portOf } from "./ports.js";

/**
 * A bad network between clients and a hub: it stands on 127.0.0.2 with the hub's own two ports, so
 * that a client which dials it gets broadcasts through it too.
 *
 * Bytes that are dropped leave ZMTP out of step unless whole messages are dropped: call `cut`
 * before letting bytes through again, or drop only what the hub sends in one piece.
 */
export class TcpProxy {
  /** The address to connect to instead of the hub's. */
  readonly url: string;
  /** Bytes from the hub that did not arrive. */
  droppedBytes = 0;
  /** Whether a piece that the hub sends arrives. */
  passToClient: (bytes: Buffer, to: "requests" | "broadcasts") => boolean = () => true;
  /** Whether a piece that a client sends arrives. */
  passToHub: (bytes: Buffer) => boolean = () => true;
  /** How much later everything arrives. */
  delayMs = 0;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(url: string) {
    this.url = url;
  }

  /** Stands before the hub at `hubUrl`, which broadcasts one port above. The hub may come later. */
  static async open(hubUrl: string): Promise<TcpProxy> {
    const port = portOf(hubUrl);
    const proxy = new TcpProxy(`tcp://127.0.0.2:${port}`);
    await proxy.#serve(port, "requests");
    await proxy.#serve(port + 1, "broadcasts");
    return proxy;
  }

  /** Breaks every connection. Clients may connect again at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing moves any more, and nobody is told: a cable pulled out. */
  pause(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    const ends = this.#servers.map(closed);
    this.cut();
    await Promise.all(ends);
  }

  async #serve(port: number, kind: "requests" | "broadcasts"): Promise<void> {
    const server = await listening(port, "127.0.0.2");
    this.#servers.push(server);
    server.on("connection", (client) => {
      const hub = connect(port, "127.0.0.1");
      this.#relay(client, hub, (bytes) => this.passToHub(bytes));
      this.#relay(hub, client, (bytes) => {
        const pass = this.passToClient(bytes, kind);
        if (!pass) this.droppedBytes += bytes.length;
        return pass;
      });
    });
  }

  #relay(from: Socket, to: Socket, pass: (bytes: Buffer) => boolean): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    const send = (bytes: Buffer): void => {
      if (!to.destroyed && !to.write(bytes)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
    };
    from.on("data", (bytes) => {
      if (!pass(bytes)) return;
      if (this.delayMs === 0) send(bytes);
      else setTimeout(send, this.delayMs, bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
