import { type EventSource, eventsOf } from "../../bus/index.js";
import type { RecordedAnswer, RecordedAnswers } from "../plugin/recorded-answers.js";
import { lookupTopic } from "./enrich.js";

/** The answers of one key, by the offset of the event for which they were asked. */
type ByOffset = RecordedAnswer[];

/**
 * Reads all answers that the consumer `name` got from outside, out of the log, and keeps them in
 * memory.
 */
export async function recordedLookups(source: EventSource, name: string): Promise<RecordedAnswers> {
  const answers = new Map<string, ByOffset>();
  const { first, head } = await source.info();
  for (let from = first, done = false; !done; ) {
    const page = await source.read({ from, to: head, patterns: [lookupTopic(name)] });
    for (const block of page.blocks)
      for (const { msg } of eventsOf(block)) {
        const { key, ...answer } = msg as RecordedAnswer & { readonly key: string };
        const known = answers.get(key);
        if (known === undefined) answers.set(key, [answer]);
        else known.push(answer);
      }
    from = page.next;
    done = page.done;
  }
  // Several processes write answers; those of one key come from one, but a reset writes them anew.
  for (const known of answers.values()) known.sort((a, b) => a.offset - b.offset);
  return { find: (key, offset) => nearest(answers.get(key) ?? [], offset) };
}

/** The last one up to `offset`, else the first one. */
function nearest(answers: ByOffset, offset: number): RecordedAnswer | undefined {
  let low = 0;
  let high = answers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (answers[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  return answers[Math.max(0, low - 1)];
}
