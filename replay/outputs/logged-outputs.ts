import { type Block, type BusEvent, type EventSource, eventsOf } from "../../bus/index.js";
import { deadLetterTopic } from "../../consumers/runner/dead-letter.js";
import type { Envelope } from "../../schemas/index.js";
import { causeOf, markOf, type Output, promotedTopic } from "./output.js";
import { producerAt } from "./producer-at.js";

/** An output as it stands in the log. */
export type LoggedOutput = Output & { readonly offset: number };

/** The offset of an output that is on its way into the log. */
export const notLogged = -1;

export interface ScanOptions {
  /** Offsets to look at: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  readonly signal?: AbortSignal;
}

/** What a consumer itself has published, in log order. An output that the hub refused is found in its dead letter. */
export async function* loggedOutputs(
  source: EventSource,
  consumer: string,
  { from, to, signal }: ScanOptions,
): AsyncGenerator<LoggedOutput> {
  const mark = markOf(consumer);
  for (let next = from; next < to; ) {
    const page = await source.read({ from: next, to, ...(signal !== undefined && { signal }) });
    for (const block of page.blocks) {
      // Nearly as fast as memory; most blocks need not be parsed.
      if (!block.payload.includes(mark)) continue;
      for (const event of eventsOf(block)) {
        const output = outputIn(event, block, consumer);
        if (output !== undefined) yield output;
      }
    }
    next = page.next;
  }
}

function outputIn(
  { envelope, offset }: BusEvent,
  block: Block,
  consumer: string,
): LoggedOutput | undefined {
  const cause = causeOf(envelope);
  if (cause?.consumer !== consumer || envelope.topic === promotedTopic(consumer)) return undefined;
  if (cause.offset >= offset || !isBy(producerAt(block, offset), consumer)) return undefined;
  const refused = refusedIn(envelope, consumer);
  if (refused === undefined) return { cause, envelope, offset };
  const original = causeOf(refused);
  return original === undefined ? undefined : { cause: original, envelope: refused, offset };
}

/** Anybody can write such a header, or pass one on; a consumer publishes under names of its own. */
function isBy(producer: string | undefined, consumer: string): boolean {
  return producer === undefined || producer.startsWith(`consumer.${consumer}.`);
}

/** The output that a dead letter is about. */
function refusedIn({ topic, msg }: Envelope, consumer: string): Envelope | undefined {
  if (topic !== deadLetterTopic(consumer)) return undefined;
  const { kind, original } = (msg ?? {}) as { kind?: unknown; original?: Envelope };
  return kind === "output" && typeof original === "object" ? original : undefined;
}
