import type { Bus } from "../../bus/index.js";
import { deadLetterTopic } from "../runner/dead-letter.js";
import { retryTopic } from "../runner/redelivery.js";
import { closedTopic } from "./dead-letters.js";

/**
 * Counts the dead letters that nobody has dealt with. The log is read once: who counts again reads what
 * has come since. In memory is an offset of each that is open.
 */
export class OpenLetters {
  readonly #bus: Bus;
  readonly #open = new Map<number, string>();
  #next = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** How many there are by now of each consumer that has any. */
  async count(): Promise<ReadonlyMap<string, number>> {
    const { first, head: to } = await this.#bus.source.info();
    const from = Math.max(first, this.#next);
    const patterns = [deadLetterTopic("*"), retryTopic, closedTopic];
    for await (const { offset, topic, msg } of this.#bus.query({ patterns, from, to }))
      if (topic === retryTopic || topic === closedTopic) this.#open.delete(namedIn(msg));
      else this.#open.set(offset, topic.split(".")[1] ?? "");
    this.#next = to;
    const counts = new Map<string, number>();
    for (const [offset, name] of this.#open)
      if (offset >= first) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }
}

function namedIn(msg: unknown): number {
  const { deadLetter } = (msg ?? {}) as { readonly deadLetter?: unknown };
  return typeof deadLetter === "number" ? deadLetter : -1;
}
