import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import type { Broker } from "../broker/broker.js";
import type { Logger } from "../kernel/logger.js";
import { SendQueue } from "../kernel/send-queue.js";
import type { Response } from "../wire/control.js";
import { decodeRequest, encodeResponse } from "../wire/control.js";
import { clientRequestsMax, framesMax } from "../wire/limits.js";
import type { Router } from "../wire/sockets.js";
import type { operationsOf, Served } from "./service.js";

/** Requests being worked on over all clients, publishes aside: past it, HUB_BUSY. */
const requestsMax = 256;
/** Bytes of publishes and of pieces of blobs, from their receipt to their answer, over all clients. */
const heldBytesMaxDefault = 32 * 1024 * 1024;

/**
 * The request socket's one read loop and one write loop. While there is no room for another publish,
 * nothing is read: publishers' windows fill, and that is the backpressure. A publish counts until it
 * is answered, whether it is being stored or waits for its producer or for an earlier answer.
 */
export class Responder {
  readonly #router: Router;
  readonly #broker: Pick<Broker, "room">;
  readonly #operations: ReturnType<typeof operationsOf>;
  readonly #logger: Logger;
  readonly #replies: SendQueue<readonly (Buffer | string)[]>;
  /** Requests in work by client. Routing ids stay in here: they are never logged. */
  readonly #working = new Map<string, number>();
  #workingTotal = 0;
  readonly #heldBytesMax: number;
  #heldBytes = 0;
  #roomMade: () => void = () => {};

  constructor(
    router: Router,
    broker: Pick<Broker, "room">,
    operations: ReturnType<typeof operationsOf>,
    options: { readonly logger: Logger; readonly publishBytesMax?: number },
  ) {
    this.#heldBytesMax = options.publishBytesMax ?? heldBytesMaxDefault;
    this.#router = router;
    this.#broker = broker;
    this.#operations = operations;
    this.#logger = options.logger;
    this.#replies = new SendQueue({
      send: (frames) => router.send(frames as (Buffer | string)[]),
    });
  }

  /** Serves until the socket is closed. */
  async run(): Promise<void> {
    for await (const [client, ...frames] of this.#router) {
      void this.#serve(client!, frames);
      await this.#broker.room();
      while (this.#heldBytes >= this.#heldBytesMax)
        await new Promise<void>((resolve) => {
          this.#roomMade = resolve;
        });
    }
  }

  async #serve(client: Buffer, frames: readonly Buffer[]): Promise<void> {
    let id = 0;
    let response: Response;
    let blocks: readonly Buffer[] = [];
    try {
      if (frames.length < 1 || frames.length > framesMax)
        throw new FedbusError("PROTOCOL_INVALID", "a request has a control frame and its blocks");
      const request = decodeRequest(frames[0]!);
      id = request.id;
      const served = await this.#work(client, request.op, request.params, frames.slice(1));
      response = { id, result: served.result };
      blocks = served.frames ?? [];
    } catch (error) {
      response = { id, error: this.#describe(error).toJSON() };
    }
    await this.#reply(client, response, blocks);
  }

  async #work(
    client: Buffer,
    op: string,
    params: Readonly<Record<string, unknown>>,
    frames: readonly Buffer[],
  ): Promise<Served> {
    const operation = this.#operations.get(op);
    if (operation === undefined)
      throw new FedbusError("PROTOCOL_INVALID", `there is no operation "${op.slice(0, 40)}"`);
    if (op === "publish") return await this.#held(() => operation(params, frames), frames);
    const key = client.toString("latin1");
    const working = this.#working.get(key) ?? 0;
    if (working >= clientRequestsMax || this.#workingTotal >= requestsMax)
      throw new FedbusError("HUB_BUSY", "too many requests at once: wait for their answers");
    this.#working.set(key, working + 1);
    this.#workingTotal++;
    try {
      if (op === "put-blob") return await this.#held(() => operation(params, frames), frames);
      return await operation(params, frames);
    } finally {
      this.#workingTotal--;
      const left = this.#working.get(key)! - 1;
      if (left === 0) this.#working.delete(key);
      else this.#working.set(key, left);
    }
  }

  /** Runs it; as long as it lasts, the bytes that came with it are held. */
  async #held(operation: () => Promise<Served>, frames: readonly Buffer[]): Promise<Served> {
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#heldBytes += bytes;
    try {
      return await operation();
    } finally {
      this.#heldBytes -= bytes;
      this.#roomMade();
    }
  }

  async #reply(client: Buffer, response: Response, blocks: readonly Buffer[]): Promise<void> {
    try {
      await this.#replies.send([client, encodeResponse(response), ...blocks]);
    } catch (error) {
      // The client is gone or takes nothing: it asks again when it is back.
      this.#logger.debug({ error: String(error) }, "an answer could not be sent");
    }
  }

  #describe(error: unknown): FedbusError {
    // Only this hub is closing: whoever asks the next one at this address need not give up.
    if (isFedbusError(error, "CLOSED"))
      return new FedbusError("HUB_UNREACHABLE", "the hub is closing");
    if (error instanceof FedbusError) return error;
    this.#logger.error({ error }, "a request failed unexpectedly");
    return new FedbusError("INTERNAL", "the hub failed on this request; its log says more");
  }
}
