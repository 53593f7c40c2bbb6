import type { BusEvent } from "../../bus/index.js";
import { patternsIntersect, TopicFilter } from "../../schemas/index.js";
import { aPattern } from "../plugin/common-options.js";
import {
  aFunction,
  listOf,
  optional,
  problemsByRules,
  type Rules,
} from "../plugin/option-rules.js";

/** A join key; a number stands for its text. Null and undefined: the event has none. */
export type JoinKey = string | number | null | undefined;

/** One side of a join: which events are on it, and what is kept of them. */
export interface JoinSide<Value = unknown, Config = unknown> {
  /** Patterns of its topics. */
  readonly topics: readonly string[];
  /** Events of both sides that have the same key belong together. */
  readonly key: (event: BusEvent, config: Config) => JoinKey;
  /** Whether the event takes part at all. Asked before `key`. Default: every one does. */
  readonly where?: (event: BusEvent, config: Config) => boolean;
  /** What is kept of the event and given to `output`: JSON. Default: its body. */
  readonly value?: (event: BusEvent, config: Config) => Value;
}

const left = 1;
const right = 2;

/** Topics whose sides are remembered, at most. */
const topicsMax = 10_000;

/**
 * Says of an event which side it is on and what its key is. The answers for the last event stay in
 * the object, since a runner asks for the key first, and the handler needs it again.
 */
export class Sides {
  readonly topics: readonly string[];
  readonly #left: JoinSide;
  readonly #right: JoinSide;
  readonly #filters: readonly [TopicFilter, TopicFilter];
  readonly #byTopic = new Map<string, number>();
  #event: BusEvent | undefined;
  #on = 0;
  #key: string | undefined;

  constructor(leftSide: JoinSide, rightSide: JoinSide) {
    this.#left = leftSide;
    this.#right = rightSide;
    this.topics = [...new Set([...leftSide.topics, ...rightSide.topics])];
    this.#filters = [TopicFilter.of(leftSide.topics), TopicFilter.of(rightSide.topics)];
  }

  /** The event's key; undefined if it has none, or takes no part. */
  keyOf(event: BusEvent, config: unknown): string | undefined {
    this.#look(event, config);
    return this.#key;
  }

  get onLeft(): boolean {
    return (this.#on & left) !== 0;
  }

  get onRight(): boolean {
    return (this.#on & right) !== 0;
  }

  /** Looks at `event`: what the getters say is about it from now on. */
  #look(event: BusEvent, config: unknown): void {
    if (this.#event === event) return;
    this.#event = undefined;
    let on = this.#sidesOf(event.topic);
    if ((on & left) !== 0 && this.#left.where?.(event, config) === false) on &= ~left;
    if ((on & right) !== 0 && this.#right.where?.(event, config) === false) on &= ~right;
    const side = (on & left) !== 0 ? this.#left : this.#right;
    const key = on === 0 ? undefined : side.key(event, config);
    this.#key = key === undefined || key === null ? undefined : String(key);
    this.#on = on;
    this.#event = event;
  }

  #sidesOf(topic: string): number {
    const known = this.#byTopic.get(topic);
    if (known !== undefined) return known;
    const [onLeft, onRight] = this.#filters;
    const on = (onLeft.test(topic) ? left : 0) | (onRight.test(topic) ? right : 0);
    if (this.#byTopic.size >= topicsMax) this.#byTopic.clear();
    this.#byTopic.set(topic, on);
    return on;
  }
}

/** What `value` keeps of an event. */
export function keptOf(side: JoinSide, event: BusEvent, config: unknown): unknown {
  return side.value === undefined ? event.msg : side.value(event, config);
}

const sideRules: Rules<JoinSide> = {
  topics: listOf(aPattern),
  key: aFunction,
  where: optional(aFunction),
  value: optional(aFunction),
};

/** What is wrong with two sides, an item each. */
export function problemsOfSides(sides: Readonly<Record<string, JoinSide>>): string[] {
  const problems = Object.entries(sides).flatMap(([name, side]) =>
    problemsByRules(side, sideRules).map((problem) => `${name}: ${problem}`),
  );
  if (problems.length > 0) return problems;
  const [[nameA, a], [nameB, b]] = Object.entries(sides) as [
    [string, JoinSide],
    [string, JoinSide],
  ];
  const shared = a.topics.some((one) => b.topics.some((other) => patternsIntersect(one, other)));
  return shared && a.key !== b.key
    ? [`${nameA} and ${nameB} share topics, so they must have the same key function`]
    : [];
}
