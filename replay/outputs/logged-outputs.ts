import { type BusEvent, type EventSource, eventsOf, type Published } from "../../bus/index.js";
import { isOfLineage, type Lineage, wholeLineage } from "../../consumers/home/lineage.js";
import {
  isProducerOf,
  isRetryingProducerOf,
  placeOfProducer,
} from "../../consumers/home/producer-name.js";
import { deadLetterTopic } from "../../consumers/runner/dead-letter.js";
import type { Envelope } from "../../schemas/index.js";
import { causeOf, markOf, type Output, promotedTopic } from "./output.js";

/** An output as it stands in the log. */
export type LoggedOutput = Output & { readonly offset: number };

/** The offset of an output that is on its way into the log. */
export const notLogged = -1;

export interface ScanOptions {
  /** Offsets to look at: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Whose outputs count. Default: those of all the consumer's generations. */
  readonly lineage?: Lineage | undefined;
  readonly signal?: AbortSignal;
}

/** What a consumer itself has published and what counts of it, in log order. An output that the hub refused is found in its dead letter. */
export async function* loggedOutputs(
  source: EventSource,
  consumer: string,
  { from, to, lineage = wholeLineage, signal }: ScanOptions,
): AsyncGenerator<LoggedOutput> {
  const mark = markOf(consumer);
  for (let next = from; next < to; ) {
    const page = await source.read({ from: next, to, ...(signal !== undefined && { signal }) });
    for (const block of page.blocks) {
      // Nearly as fast as memory; most blocks need not be parsed.
      if (!block.payload.includes(mark)) continue;
      for (const event of eventsOf(block)) {
        const output = outputIn(event, { consumer, lineage });
        if (output !== undefined) yield output;
      }
    }
    next = page.next;
  }
}

function outputIn(
  { envelope, offset, published }: BusEvent,
  { consumer, lineage }: { readonly consumer: string; readonly lineage: Lineage },
): LoggedOutput | undefined {
  const named = causeOf(envelope);
  if (named?.consumer !== consumer || envelope.topic === promotedTopic(consumer)) return undefined;
  if (named.offset >= offset) return undefined;
  const meant = meantBy({ cause: named, envelope });
  if (meant === undefined) return undefined;
  const { cause } = meant;
  // A log need not say who published.
  if (published !== undefined && !isOfState(published, consumer, lineage, cause.offset))
    return undefined;
  return { ...meant, offset };
}

/** What an output is about: a dead letter of one that the hub refused, about that one. */
export function meantBy(output: Output): Output | undefined {
  const envelope = refusedIn(output);
  if (envelope === undefined) return output;
  const cause = causeOf(envelope);
  return cause && { cause, envelope };
}

function isOfState(
  published: Published,
  consumer: string,
  lineage: Lineage,
  cause: number,
): boolean {
  const { by, seq } = published;
  // What was refused at first counts where its dead letter lies.
  if (!isProducerOf(by, consumer) || isRetryingProducerOf(by, consumer)) return false;
  const place = placeOfProducer(by);
  // Who runs a consumer by hand may name its outputs otherwise.
  return place === undefined || isOfLineage(lineage, { ...place, seq }, cause);
}

/** The output that a dead letter is about. */
function refusedIn({ cause, envelope: { topic, msg } }: Output): Envelope | undefined {
  if (topic !== deadLetterTopic(cause.consumer)) return undefined;
  const { kind, original } = (msg ?? {}) as { kind?: unknown; original?: Envelope };
  return kind === "output" && typeof original === "object" ? original : undefined;
}
