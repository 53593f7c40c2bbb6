import { type EventSource, eventsOf } from "../../bus/index.js";
import { causeOf } from "../outputs/output.js";
import { isBy, publishedAt } from "../outputs/producer-at.js";

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

const mark = Buffer.from('"cause":{"consumer":');

/**
 * Every event whose chain of causes contains the one at `offset`. What it changed in a consumer's
 * state, and so in later outputs that name another cause, is not found this way. Causes are believed of
 * events that the consumer they name has published itself, as the hub has noted.
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
      if (!block.payload.includes(mark)) continue;
      for (const { offset: at, topic, msg, envelope } of eventsOf(block)) {
        const cause = causeOf(envelope);
        if (cause === undefined || !reached.has(cause.offset) || cause.offset >= at) continue;
        const published = publishedAt(block, at);
        if (published !== undefined && !isBy(published, cause.consumer)) continue;
        if (effects.length >= limit) return { effects, isCut: true };
        reached.add(at);
        effects.push({ offset: at, topic, msg, consumer: cause.consumer, causedBy: cause.offset });
      }
    }
    from = page.next;
  }
  return { effects, isCut: false };
}
