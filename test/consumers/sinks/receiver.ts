import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import type { Test } from "tap";

export interface Received {
  readonly headers: http.IncomingHttpHeaders;
  readonly path: string;
  readonly body: string;
  readonly at: number;
}

type Answer = (request: Received, response: http.ServerResponse, count: number) => unknown;

/** A real server that keeps what it is sent; `answer` is told which request in turn it is, from 1. */
export class Receiver {
  readonly received: Received[] = [];
  connections = 0;
  active = 0;
  mostActive = 0;
  readonly #server: http.Server;
  readonly #tls: boolean;

  private constructor(answer: Answer, tls?: { readonly key: string; readonly cert: string }) {
    const listener: http.RequestListener = async (request, response) => {
      this.mostActive = Math.max(this.mostActive, ++this.active);
      response.once("close", () => this.active--);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const { headers, url = "" } = request;
      const received = { headers, path: url, body, at: performance.now() };
      answer(received, response, this.received.push(received));
    };
    this.#tls = tls !== undefined;
    this.#server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    this.#server.on("connection", () => this.connections++);
  }

  static async start(
    t: Test,
    answer: Answer = (_request, response) => response.writeHead(204).end(),
    { host = "127.0.0.1", tls }: { host?: string; tls?: { key: string; cert: string } } = {},
  ): Promise<Receiver> {
    const receiver = new Receiver(answer, tls);
    receiver.#server.listen(0, host);
    await once(receiver.#server, "listening");
    t.teardown(() => {
      receiver.#server.closeAllConnections();
      receiver.#server.close();
    });
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(host = "127.0.0.1", path = "/hook"): string {
    return `http${this.#tls ? "s" : ""}://${host}:${this.port}${path}`;
  }

  get ids(): (string | undefined)[] {
    return this.received.map(({ headers }) => headers["webhook-id"] as string | undefined);
  }
}

/** Answers with this status and nothing else. */
export function status(code: number, headers: http.OutgoingHttpHeaders = {}): Answer {
  return (_request, response) => response.writeHead(code, headers).end();
}
