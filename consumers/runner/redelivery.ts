import { type Block, BusEvent, eventRunsOf } from "../../bus/index.js";
import { canonicalPatterns, type Envelope, TopicFilter } from "../../schemas/index.js";
import { isOwnOutput } from "./own-output.js";

/**
 * Where events are put that one consumer, and no other, is to handle once more. One topic for all
 * consumers: those that read the same topics can go on sharing what a hub makes for them.
 */
export const retryTopic = "consumers.retry";

/** Body of an event on the retry topic. */
export interface Redelivery {
  /** Who is to handle it. */
  readonly consumer: string;
  /** The offset of the dead letter that this answers. */
  readonly deadLetter: number;
  /** The offset of the event that failed. */
  readonly event: number;
  /** The envelope to handle. */
  readonly original: Envelope;
}

/** An event that is handled once more: its place and its time in the log are those of the retry. */
export class RedeliveredEvent extends BusEvent {
  /** Where the event that failed lies. */
  readonly originalOffset: number;

  constructor(block: Block, index: number, { original, event }: Redelivery) {
    super(block, index, original);
    this.originalOffset = event;
  }

  override get bytes(): Buffer {
    return Buffer.from(JSON.stringify(this.envelope));
  }
}

/** Gives a consumer its events, those that are to be handled once more among them. */
export class Deliveries {
  /** What is to be read. */
  readonly patterns: readonly string[];
  readonly #consumer: string;
  /** Whether the consumer itself wants to see what is on the retry topic. */
  readonly #readsRetries: boolean;

  /** `topics` are the patterns that the consumer itself reads. */
  constructor(consumer: string, topics: readonly string[]) {
    this.patterns = canonicalPatterns([...topics, retryTopic]);
    this.#consumer = consumer;
    this.#readsRetries = TopicFilter.of(topics).test(retryTopic);
  }

  /**
   * The events of a block in runs, without the consumer's own outputs. A retry that is meant for the consumer
   * is what it carries; since a retry is an event like any other, a replay handles it at the same place.
   */
  *in(block: Block): Generator<readonly BusEvent[], void> {
    const isOwn = (event: BusEvent) => isOwnOutput(event, this.#consumer);
    const hasRetries = block.topics.includes(retryTopic);
    let first = 0;
    for (const run of eventRunsOf(block)) {
      if (hasRetries) yield this.#unwrapped(run, block, first);
      else yield run.some(isOwn) ? run.filter((event) => !isOwn(event)) : run;
      first += run.length;
    }
  }

  /** The events of several blocks. */
  *inAll(blocks: readonly Block[]): Generator<readonly BusEvent[], void> {
    for (const block of blocks) yield* this.in(block);
  }

  /** The same for a run that begins with the block's event `first` and may have retries. */
  #unwrapped(run: readonly BusEvent[], block: Block, first: number): readonly BusEvent[] {
    return run.flatMap((event, index) => {
      if (isOwnOutput(event, this.#consumer)) return [];
      if (event.topic !== retryTopic) return [event];
      const retry = redeliveryIn(event.msg);
      if (retry?.consumer === this.#consumer)
        return [new RedeliveredEvent(block, first + index, retry)];
      return this.#readsRetries ? [event] : [];
    });
  }
}

/** What the body of an event on the retry topic says; undefined if that is no retry. */
export function redeliveryIn(msg: unknown): Redelivery | undefined {
  const retry = (typeof msg === "object" && msg !== null ? msg : {}) as Partial<Redelivery>;
  const { consumer, original, event } = retry;
  if (typeof consumer !== "string") return undefined;
  const isEnvelope =
    typeof original === "object" && original !== null && typeof original.topic === "string";
  return isEnvelope && "msg" in original && Number.isSafeInteger(event)
    ? (retry as Redelivery)
    : undefined;
}
