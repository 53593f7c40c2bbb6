import { type BusEvent, type EventSource, eventsOf } from "../../bus/index.js";
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
  readonly signal?: AbortSignal;
}

/** What a consumer has published, in log order. An output that the hub refused is found in its dead letter. */
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
        const output = outputIn(event, consumer);
        if (output !== undefined) yield output;
      }
    }
    next = page.next;
  }
}

function outputIn({ envelope, offset }: BusEvent, consumer: string): LoggedOutput | undefined {
  const cause = causeOf(envelope);
  if (cause?.consumer !== consumer || envelope.topic === promotedTopic(consumer)) return undefined;
  const refused = refusedIn(envelope, consumer);
  if (refused === undefined) return { cause, envelope, offset };
  const original = causeOf(refused);
  return original === undefined ? undefined : { cause: original, envelope: refused, offset };
}

/** The output that a dead letter is about. */
function refusedIn({ topic, msg }: Envelope, consumer: string): Envelope | undefined {
  if (topic !== deadLetterTopic(consumer)) return undefined;
  const { kind, original } = (msg ?? {}) as { kind?: unknown; original?: Envelope };
  return kind === "output" && typeof original === "object" ? original : undefined;
}
