import type { BusEvent } from "../../bus/index.js";
import type { Accumulator } from "./accumulators/accumulator.js";

/** The states of all accumulators of an aggregate, in the order of their names. */
export type States = unknown[];

/** All accumulators of an aggregate as one. */
export class Folds {
  readonly #names: readonly string[];
  readonly #accumulators: readonly Accumulator[];

  constructor(accumulators: Readonly<Record<string, Accumulator>>) {
    this.#names = Object.keys(accumulators);
    this.#accumulators = Object.values(accumulators);
  }

  create(): States {
    return this.#accumulators.map((accumulator) => accumulator.create());
  }

  add(states: States, event: BusEvent, time: number): void {
    const accumulators = this.#accumulators;
    for (let at = 0; at < accumulators.length; at++)
      states[at] = accumulators[at]!.add(states[at], event, time);
  }

  merge(into: States, from: States): void {
    const accumulators = this.#accumulators;
    for (let at = 0; at < accumulators.length; at++)
      into[at] = accumulators[at]!.merge(into[at], from[at]);
  }

  copy(states: States): States {
    const copy = this.create();
    this.merge(copy, states);
    return copy;
  }

  /** Writes each result into `body` under its name. */
  finish(states: States, body: Record<string, unknown>): void {
    for (const [at, name] of this.#names.entries())
      body[name] = this.#accumulators[at]!.result(states[at]);
  }
}
