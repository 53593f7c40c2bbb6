import { isFedbusError } from "../../schemas/errors.js";
import type { Logger } from "../kernel/logger.js";
import type { EventSource } from "../log/event-source.js";
import type { Router } from "../wire/sockets.js";
import { decodeQuery } from "./replay-query.js";
import { type Found, searchLog } from "./replay-search.js";

/**
 * fedmsg's replay protocol: a request of one frame, a query; a reply of one frame an event, or of one frame
 * `error: '…'`. Events' sequence numbers (`seq_id`) are their offsets. One query at a time is worked on.
 */
export class ReplayServer {
  readonly #socket: Router;
  readonly #log: EventSource;
  readonly #logger: Logger;

  constructor(socket: Router, log: EventSource, logger: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.#logger = logger;
  }

  /** Answers until the socket is closed. */
  async run(): Promise<void> {
    for await (const [client, delimiter, ...request] of this.#socket) {
      // Whoever does not speak as REQ does cannot be answered.
      if (client === undefined || delimiter?.length !== 0) continue;
      const reply = await this.#answer(request);
      await this.#socket
        .send([client, delimiter, ...reply])
        .catch((error) => this.#logger.debug({ error: String(error) }, "a replay was not sent"));
    }
  }

  async #answer(request: readonly Buffer[]): Promise<readonly (Buffer | string)[]> {
    const [query] = request;
    if (query === undefined || request.length !== 1) return [errorText("a query has one frame")];
    try {
      const found = await searchLog(this.#log, decodeQuery(query.toString("utf8")));
      return found.length === 0 ? [errorText("no such message")] : found.map(encoded);
    } catch (error) {
      if (!isFedbusError(error))
        this.#logger.error({ error: String(error) }, "a replay query failed");
      return [errorText(isFedbusError(error) ? error.message : "the query failed")];
    }
  }
}

/**
 * fedmsg's own client looks for `seq_id` in what it has asked for by sequence. In a signed event it would void the
 * signature, as it does with fedmsg's own store: so those stay as they are.
 */
function encoded({ offset, envelope, bytes, byOffset }: Found): Buffer {
  if (!byOffset || typeof envelope.signature === "string" || "seq_id" in envelope) return bytes;
  const end = bytes.lastIndexOf("}");
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(`,"seq_id":${offset}}`)]);
}

function errorText(why: string): string {
  return `error: '${why}'`;
}
