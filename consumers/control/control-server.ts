import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { removeControlFile, writeControlFile } from "./control-file.js";
import { firstLine } from "./lines.js";

/** What can be asked, by name. Parameters and results are JSON. */
export type Operations = Readonly<Record<string, (params: unknown) => unknown>>;

/** A request: one line of JSON, on a connection of its own. The answer is one line too. */
export interface ControlRequest {
  readonly token: string;
  readonly op: string;
  readonly params?: unknown;
}

const requestBytesMax = 64 * 1024;
const requestTimeoutMs = 5_000;
const connectionsMax = 32;

/** Answers requests of commands on loopback, from whoever can read the token in `dir`. */
export class ControlServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #dir: string;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, dir: string) {
    this.#server = server;
    this.#dir = dir;
  }

  /** Listens on a free port, and leaves port and token in `dir`. */
  static async open(dir: string, operations: Operations): Promise<ControlServer> {
    const token = randomBytes(32).toString("hex");
    const server = createServer();
    server.maxConnections = connectionsMax;
    const control = new ControlServer(server, dir);
    server.on("connection", (socket) => void control.#serve(socket, token, operations));
    await once(server.listen(0, "127.0.0.1"), "listening");
    await writeControlFile(dir, { port: (server.address() as AddressInfo).port, token });
    return control;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeControlFile(this.#dir);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #serve(socket: Socket, token: string, operations: Operations): Promise<void> {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const answer = await answerTo(socket, token, operations);
    // Whoever asked need not close: those that stay would be all that are let in.
    socket.write(`${JSON.stringify(answer)}\n`, () => socket.destroySoon());
  }
}

async function answerTo(socket: Socket, token: string, operations: Operations): Promise<object> {
  try {
    const limits = { bytesMax: requestBytesMax, timeoutMs: requestTimeoutMs };
    const { op, params } = requestIn(await firstLine(socket, limits), token);
    const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (operation === undefined)
      throw new FedbusError("PROTOCOL_INVALID", `there is no operation ${JSON.stringify(op)}`);
    return { result: (await operation(params)) ?? null };
  } catch (error) {
    const known = isFedbusError(error) ? error : new FedbusError("INTERNAL", String(error));
    return { error: known.toJSON() };
  }
}

function requestIn(line: string, token: string): ControlRequest {
  let request: Partial<ControlRequest> | null;
  try {
    request = JSON.parse(line) as Partial<ControlRequest> | null;
  } catch (cause) {
    throw new FedbusError("PROTOCOL_INVALID", "the request is no JSON", { cause });
  }
  if (!isSame(String(request?.token), token))
    throw new FedbusError("PROTOCOL_INVALID", "the request has not the token of this process");
  return { token, op: String(request?.op), params: request?.params };
}

/** In a time that tells nothing of where they differ. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
