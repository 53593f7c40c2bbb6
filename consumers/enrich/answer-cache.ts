import type { Context } from "../plugin/context.js";
import { keyGroups } from "../store/key-group.js";

/** An answer that holds for some time. */
export interface HeldAnswer {
  /** Offset of the event from which on it holds. */
  readonly offset: number;
  /** Until when it does, in the log's time. */
  readonly until: number;
  readonly value?: unknown;
  readonly error?: string;
  /** Its place among the answers of its group of keys, oldest first. */
  readonly place: number;
}

/** The answers of one group of keys lie at the places from `first` to before `next`, with holes. */
interface Places {
  readonly first: number;
  readonly next: number;
  readonly count: number;
}

/**
 * Answers in the consumer's state. Which are there depends on the events alone, so a replay asks for
 * the same ones at the same events.
 */
export class AnswerCache {
  readonly #groupMax: number;

  constructor(entriesMax: number) {
    this.#groupMax = Math.ceil(entriesMax / keyGroups);
  }

  /** The answer that holds for `key` at `time`. */
  get(context: Context, key: string, time: number): HeldAnswer | undefined {
    const held = context.table<HeldAnswer>("answers").get(key);
    return held !== undefined && held.until > time ? held : undefined;
  }

  put(context: Context, key: string, answer: Omit<HeldAnswer, "place">): void {
    if (this.#groupMax === 0) return;
    const answers = context.table<HeldAnswer>("answers");
    const order = context.table<string>("order");
    const held = answers.get(key);
    let { first, next, count } = (context.state.get("places") as Places | undefined) ?? none;
    if (held !== undefined) {
      order.delete(String(held.place));
      count--;
    }
    for (; count >= this.#groupMax; first++) {
      const oldest = order.get(String(first));
      if (oldest === undefined) continue;
      order.delete(String(first));
      answers.delete(oldest);
      count--;
    }
    order.put(String(next), key);
    answers.put(key, { ...answer, place: next });
    context.state.put("places", { first, next: next + 1, count: count + 1 } satisfies Places);
  }
}

const none: Places = { first: 0, next: 0, count: 0 };
