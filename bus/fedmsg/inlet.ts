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
  /** Messages that the gate has yet to judge, by id; there are as many as the publisher has room for. */
  readonly #inFlight = new Map<
    string,
    { readonly bytes: Buffer; readonly settled: Promise<void> }
  >();
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
      const message = decoded(frames);
      if (typeof message === "string") {
        this.#counts.malformed++;
        this.#warn(`a message of a fedmsg program was left out: ${message}`);
      } else await this.#take(message);
      await this.#publisher.ready();
    }
  }

  async #take({ bytes, id }: Message): Promise<void> {
    if (id === undefined) {
      void this.#publish(bytes, id);
      return;
    }
    const before = this.#inFlight.get(id);
    // Another message with its id may be forged: if the gate refuses that one, this one is no duplicate.
    if (before !== undefined && !before.bytes.equals(bytes)) await before.settled;
    if (this.#inFlight.has(id) || this.#ids.has(id)) {
      this.#counts.duplicates++;
      return;
    }
    const settled = this.#publish(bytes, id).then(() => void this.#inFlight.delete(id));
    this.#inFlight.set(id, { bytes, settled });
  }

  /** Never rejects. */
  async #publish(bytes: Buffer, id: string | undefined): Promise<void> {
    try {
      const [outcome] = await this.#publisher.publishEnvelopes([bytes]);
      this.#settle(outcome, id);
    } catch (error) {
      this.#lose(String(error));
    }
  }

  #settle(outcome: PublishOutcome | undefined, id: string | undefined): void {
    if (outcome !== undefined && "offset" in outcome) {
      this.#counts.accepted++;
      if (id !== undefined) this.#ids.add(id);
      return;
    }
    const { code, message } = outcome?.error ?? { code: "INTERNAL", message: "no answer" };
    this.#lose(`${message} (${code})`);
  }

  #lose(why: string): void {
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

interface Message {
  readonly bytes: Buffer;
  readonly id: string | undefined;
}

/** The message's envelope and id, or what is wrong with its form. */
function decoded(frames: readonly Buffer[]): Message | string {
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
