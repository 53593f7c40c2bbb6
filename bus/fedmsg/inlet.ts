import type { Envelope } from "../../schemas/envelope.js";
import type { Publisher, PublishOutcome } from "../bus.js";
import type { Logger } from "../kernel/logger.js";
import type { Subscriber } from "../wire/sockets.js";
import type { RecentIds } from "./recent-ids.js";

/** The least time between two warnings, ms: whoever sends rubbish must not fill the hub's own log. */
const warningMs = 10_000;

/** What became of messages that fedmsg programs sent. */
export interface InletCounts {
  readonly accepted: number;
  /** Refused by the gate: the schema, the topic, the signature. */
  readonly refused: number;
  /** Known by their `msg_id`. */
  readonly duplicates: number;
  /** No message of fedmsg's: the number of frames, no JSON object, another topic inside. */
  readonly malformed: number;
}

/**
 * fedmsg's `relay_inbound`: a bound SUB. What comes goes through the same gate as everything else, and its bytes
 * into the log as they are. A sender gets no answer, as fedmsg has none; what is refused is counted and told.
 */
export class Inlet {
  readonly #socket: Subscriber;
  readonly #publisher: Publisher;
  readonly #ids: RecentIds;
  readonly #logger: Logger;
  readonly #counts = { accepted: 0, refused: 0, duplicates: 0, malformed: 0 };
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(socket: Subscriber, publisher: Publisher, ids: RecentIds, logger: Logger) {
    this.#socket = socket;
    this.#publisher = publisher;
    this.#ids = ids;
    this.#logger = logger;
  }

  get counts(): InletCounts {
    return { ...this.#counts };
  }

  /** Reads until the socket is closed, no further ahead than the publisher has room for. */
  async run(): Promise<void> {
    for await (const frames of this.#socket) {
      this.#take(frames);
      await this.#publisher.ready();
    }
  }

  #take(frames: readonly Buffer[]): void {
    const message = decoded(frames);
    if (typeof message === "string") {
      this.#counts.malformed++;
      this.#warn(`a message of a fedmsg program was left out: ${message}`);
      return;
    }
    const { bytes, id } = message;
    if (id !== undefined && !this.#ids.claim(id)) {
      this.#counts.duplicates++;
      return;
    }
    this.#publisher.publishEnvelopes([bytes]).then(
      ([outcome]) => this.#settle(outcome, id),
      (error: unknown) => this.#lose(String(error), id),
    );
  }

  #settle(outcome: PublishOutcome | undefined, id: string | undefined): void {
    if (outcome !== undefined && "offset" in outcome) {
      this.#counts.accepted++;
      return;
    }
    const { code, message } = outcome?.error ?? { code: "INTERNAL", message: "no answer" };
    this.#lose(`${message} (${code})`, id);
  }

  #lose(why: string, id: string | undefined): void {
    if (id !== undefined) this.#ids.release(id);
    this.#counts.refused++;
    this.#warn(`a message of a fedmsg program was refused: ${why}`);
  }

  #warn(message: string): void {
    const now = performance.now();
    if (now - this.#warnedAt < warningMs) return;
    this.#warnedAt = now;
    this.#logger.warn(this.counts, message);
  }
}

/** The message's envelope and id, or what is wrong with its form. */
function decoded(
  frames: readonly Buffer[],
): { readonly bytes: Buffer; readonly id: string | undefined } | string {
  const [topic, bytes] = frames;
  if (topic === undefined || bytes === undefined || frames.length !== 2)
    return `it has ${frames.length} frames, not 2`;
  let envelope: Partial<Envelope> | null;
  try {
    envelope = JSON.parse(bytes.toString("utf8")) as Partial<Envelope> | null;
  } catch {
    return "its body is not JSON";
  }
  if (typeof envelope !== "object" || envelope === null) return "its body is no object";
  if (envelope.topic !== topic.toString("utf8")) return "its topic is not its first frame";
  const { msg_id: id } = envelope;
  return { bytes, id: typeof id === "string" ? id : undefined };
}
