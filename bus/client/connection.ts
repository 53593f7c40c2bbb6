import { FedbusError } from "../../schemas/errors.js";
import type { Logger } from "../kernel/logger.js";
import { SendQueue } from "../kernel/send-queue.js";
import { decodeResponse, idOfResponse } from "../wire/control.js";
import { clientRequestsMax } from "../wire/limits.js";
import type { Dealer } from "../wire/sockets.js";
import { openDealer } from "../wire/sockets.js";

/** What a hub answered: the result, and the blocks that came with it. */
export interface Answer {
  readonly result: unknown;
  readonly blocks: readonly Buffer[];
}

interface Pending {
  readonly op: string;
  /** Monotonic, ms. */
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** How often deadlines are looked at. */
const sweepMs = 100;

/**
 * One request socket to a hub. Requests run concurrently, as many as a hub takes; each is answered, or fails with
 * HUB_UNREACHABLE when the connection breaks or its time is over. A request that failed so may
 * have been carried out. The connection comes back by itself; requests are not repeated by it.
 */
export class Connection {
  readonly url: string;
  readonly #socket: Dealer;
  readonly #sends: SendQueue<readonly (Buffer | string)[]>;
  readonly #pending = new Map<number, Pending>();
  /** Requests that the hub has, publishes aside; and those that wait for one of them to end. */
  readonly #asked = new Set<number>();
  #waiting: { readonly id: number; readonly frames: readonly (Buffer | string)[] }[] = [];
  readonly #timeoutMs: number;
  readonly #sweep: NodeJS.Timeout;
  readonly #logger: Logger;
  #lastId = 0;
  #closed = false;

  constructor(url: string, options: { readonly timeoutMs: number; readonly logger: Logger }) {
    this.url = url;
    this.#timeoutMs = options.timeoutMs;
    this.#logger = options.logger;
    this.#socket = openDealer(url, () => this.#failAll("the connection to the hub broke"));
    this.#sends = new SendQueue({
      send: (frames) => this.#socket.send(frames as (Buffer | string)[]),
    });
    this.#sweep = setInterval(() => this.#failLate(), sweepMs);
    void this.#receive();
  }

  /**
   * Asks the hub. Rejects with the hub's own error, with HUB_UNREACHABLE, or with CLOSED.
   * `timeoutMs` defaults to the connection's.
   */
  request(
    op: string,
    params: object,
    options: { readonly block?: Buffer; readonly timeoutMs?: number } = {},
  ): Promise<Answer> {
    if (this.#closed) return Promise.reject(closed());
    const id = ++this.#lastId;
    const control = JSON.stringify({ id, op, params });
    const frames = options.block === undefined ? [control] : [control, options.block];
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + (options.timeoutMs ?? this.#timeoutMs);
      this.#pending.set(id, { op, deadline, resolve, reject });
      // Publishers bound their own requests.
      if (op === "publish") this.#send(id, frames);
      else {
        this.#waiting.push({ id, frames });
        this.#askNext();
      }
    });
  }

  /** Ends the connection; requests in flight fail with CLOSED. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const { reject } of this.#pending.values()) reject(closed());
    this.#pending.clear();
    this.#waiting = [];
    this.#socket.close();
  }

  #send(id: number, frames: readonly (Buffer | string)[]): void {
    this.#sends
      .send(frames, () => !this.#pending.has(id))
      .catch((cause) => this.#fail(id, `the request could not be sent: ${String(cause)}`));
  }

  /** Sends what waits, as much as the hub takes of one client. */
  #askNext(): void {
    while (this.#asked.size < clientRequestsMax) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!this.#pending.has(next.id)) continue;
      this.#asked.add(next.id);
      this.#send(next.id, next.frames);
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#asked.delete(id)) this.#askNext();
    return pending;
  }

  async #receive(): Promise<void> {
    try {
      for await (const [control, ...blocks] of this.#socket) this.#settle(control!, blocks);
    } catch (error) {
      if (!this.#closed) this.#failAll(`the connection failed: ${String(error)}`);
    }
  }

  #settle(control: Buffer, blocks: readonly Buffer[]): void {
    try {
      const response = decodeResponse(control);
      const pending = this.#take(response.id);
      if (pending === undefined) return;
      if ("error" in response) pending.reject(FedbusError.fromJSON(response.error));
      else pending.resolve({ result: response.result, blocks });
    } catch (error) {
      this.#logger.warn({ error: String(error) }, "an answer outside the protocol");
      // Whoever asked must know: they would ask again, and be answered the same.
      const id = idOfResponse(control);
      if (id !== undefined) this.#take(id)?.reject(error as Error);
    }
  }

  #failLate(): void {
    const now = performance.now();
    for (const [id, { deadline, op }] of this.#pending)
      if (deadline <= now) this.#fail(id, `no answer to "${op}" in time`);
  }

  #failAll(why: string): void {
    for (const id of [...this.#pending.keys()]) this.#fail(id, why);
  }

  #fail(id: number, why: string): void {
    this.#take(id)?.reject(
      new FedbusError("HUB_UNREACHABLE", `${why} (${this.url})`, { details: { url: this.url } }),
    );
  }
}

function closed(): FedbusError {
  return new FedbusError("CLOSED", "the connection to the hub is closed");
}
