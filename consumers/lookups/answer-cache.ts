import type { Answer } from "../plugin/recorded-answers.js";
import type { Table } from "../plugin/table.js";
import { keyGroups } from "../store/key-group.js";

/** Tables in which answers are kept; a consumer with lookups has no others of these names. */
export const answerTables = { answers: "answers", order: "answers-order" } as const;

/** The consumer's tables, as the group of keys sees them that is being handled. */
export type Tables = <Value>(name: string) => Table<Value>;

/** An answer that holds for some time. */
interface HeldAnswer extends Answer {
  /** Offset of the event from which on it holds. */
  readonly offset: number;
  /** Until when it does, in the log's time. */
  readonly until: number;
  /** Its place among the answers of its lookup and group of keys, oldest first. */
  readonly place: number;
}

/** The answers of one group of keys lie at the places from `first` to before `next`, with holes. */
interface Places {
  readonly first: number;
  readonly next: number;
  readonly count: number;
}

/**
 * A lookup's answers in the consumer's state. Which are there depends on the events alone, so a replay
 * asks for the same ones at the same events.
 */
export class AnswerCache {
  readonly #tables: Tables;
  readonly #name: string;
  readonly #groupMax: number;

  constructor(tables: Tables, name: string, entriesMax: number) {
    this.#tables = tables;
    this.#name = name;
    this.#groupMax = Math.ceil(entriesMax / keyGroups);
  }

  /** The answer that holds for `key` at `time`. */
  get(key: string, time: number): Answer | undefined {
    if (this.#groupMax === 0) return undefined;
    const held = this.#tables<HeldAnswer>(answerTables.answers).get(`${this.#name} ${key}`);
    return held !== undefined && held.until > time ? held : undefined;
  }

  put(key: string, answer: Omit<HeldAnswer, "place">): void {
    if (this.#groupMax === 0) return;
    const name = this.#name;
    const answers = this.#tables<HeldAnswer>(answerTables.answers);
    const order = this.#tables<string>(answerTables.order);
    const held = answers.get(`${name} ${key}`);
    let { first, next, count } = this.#places.get(name) ?? none;
    if (held !== undefined) {
      order.delete(`${name} ${held.place}`);
      count--;
    }
    for (; count >= this.#groupMax; first++) {
      const oldest = order.get(`${name} ${first}`);
      if (oldest === undefined) continue;
      order.delete(`${name} ${first}`);
      answers.delete(`${name} ${oldest}`);
      count--;
    }
    order.put(`${name} ${next}`, key);
    answers.put(`${name} ${key}`, { ...answer, place: next });
    this.#places.put(name, { first, next: next + 1, count: count + 1 });
  }

  get #places(): Table<Places> {
    return this.#tables<Places>(answerTables.order);
  }
}

const none: Places = { first: 0, next: 0, count: 0 };
