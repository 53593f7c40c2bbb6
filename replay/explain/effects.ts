import { type BusEvent, type EventSource, eventsOf } from "../../bus/index.js";
import { isOwnOutput } from "../../consumers/runner/own-output.js";
import { redeliveryIn, retryTopic } from "../../consumers/runner/redelivery.js";
import { causeOf, type OutputCause } from "../outputs/output.js";
import { retriedBy } from "./retried.js";

/** What came of an event, directly or by way of others. */
export interface Effect {
  readonly offset: number;
  readonly topic: string;
  readonly msg: unknown;
  readonly consumer: string;
  /** The event that it names as its cause. */
  readonly causedBy: number;
}

export interface Effects {
  /** In the order of the log: each comes after its cause. */
  readonly effects: readonly Effect[];
  /** Whether there were more than are told. */
  readonly isCut: boolean;
}

/** Every block with an output has these bytes. */
const mark = Buffer.from('"cause":{"consumer":');

/**
 * Every event whose chain of causes contains the one at `offset`, retries of dead letters among them. What
 * it changed in a consumer's state, and so in later outputs that name another cause, is not found this way.
 * Causes are believed of events that the consumer they name has published itself, as the hub has noted.
 */
export async function effectsOf(
  source: EventSource,
  offset: number,
  { limit = 1_000, signal }: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<Effects> {
  const reached = new Set([offset]);
  const effects: Effect[] = [];
  const { head } = await source.info();
  for (let from = offset + 1; from < head; ) {
    const page = await source.read({ from, to: head, ...(signal && { signal }) });
    for (const block of page.blocks) {
      if (!block.payload.includes(mark) && !block.topics.includes(retryTopic)) continue;
      for (const event of eventsOf(block)) {
        const cause = outputCause(event, reached) ?? (await retryCause(source, event, reached));
        if (cause === undefined) continue;
        if (effects.length >= limit) return { effects, isCut: true };
        const { offset: at, topic, msg } = event;
        reached.add(at);
        effects.push({ offset: at, topic, msg, consumer: cause.consumer, causedBy: cause.offset });
      }
    }
    from = page.next;
  }
  return { effects, isCut: false };
}

type Cause = Pick<OutputCause, "consumer" | "offset">;

/** The cause that an output names, if it is among `reached` and its consumer has published it. */
function outputCause(event: BusEvent, reached: ReadonlySet<number>): Cause | undefined {
  const cause = causeOf(event.envelope);
  if (cause === undefined || !reached.has(cause.offset)) return undefined;
  return cause.offset < event.offset && isOwnOutput(event, cause.consumer) ? cause : undefined;
}

/** What a retry gives once more, if it is among `reached` and the retry carries it. */
async function retryCause(
  source: EventSource,
  event: BusEvent,
  reached: ReadonlySet<number>,
): Promise<Cause | undefined> {
  if (event.topic !== retryTopic || !reached.has(redeliveryIn(event.msg)?.event ?? -1))
    return undefined;
  const retried = await retriedBy(source, event);
  return retried?.isProven === true ? retried : undefined;
}
