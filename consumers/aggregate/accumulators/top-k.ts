import { FedbusError } from "../../../schemas/index.js";
import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { valueFor } from "./field-of-accumulator.js";
import { type Scalar, scalarOf, tokenOf } from "./scalar.js";

interface State {
  /** How many values there are. */
  size: number;
  counts: Record<string, number>;
  /** What every count may lack at most. */
  lacking: number;
}

export interface TopKOptions {
  /** Values that are counted at the same time. Up to so many different ones, counts are exact. Default 1,000. */
  readonly valuesMax?: number;
}

/** A value and how often it came: at least `count` times, and at most `count + lacking`. */
export interface TopValue {
  readonly value: Scalar;
  readonly count: number;
  readonly lacking: number;
}

/**
 * The `k` values of a field that came most often, most first, equal ones in the order of their text. Strings,
 * numbers and booleans are counted, others left out. With more than `valuesMax` different ones, by Misra and
 * Gries (1982), merged as by Agarwal et al. (2012): a count lacks at most events / valuesMax.
 * Throws OPTIONS_INVALID.
 */
export function topK(
  field: Field,
  k = 10,
  { valuesMax = 1_000 }: TopKOptions = {},
): Accumulator<State, readonly TopValue[]> {
  const wholes = [k, valuesMax].every((number) => Number.isSafeInteger(number) && number >= 1);
  if (!wholes || k > valuesMax || valuesMax > 1_000_000)
    throw new FedbusError("OPTIONS_INVALID", "topK: 1 ≤ k ≤ valuesMax ≤ 1000000, whole numbers");
  const valueIn = valueFor("topK", field);
  return {
    create: () => ({ size: 0, counts: {}, lacking: 0 }),
    add(state, event) {
      const token = tokenOf(valueIn(event));
      if (token !== undefined) raise(state, token, 1, valuesMax);
      return state;
    },
    merge(into, from) {
      into.lacking += from.lacking;
      for (const token in from.counts) raise(into, token, from.counts[token]!, valuesMax);
      return into;
    },
    result: ({ counts, lacking }) =>
      ranked(counts)
        .slice(0, k)
        .map(([token, count]) => ({ value: scalarOf(token), count, lacking })),
  };
}

function raise(state: State, token: string, by: number, valuesMax: number): void {
  const known = state.counts[token];
  state.counts[token] = (known ?? 0) + by;
  // Twice as many are kept in between: a pass over all is then due only every valuesMax values.
  if (known === undefined && ++state.size > 2 * valuesMax) prune(state, valuesMax);
}

/** Takes the count of the first that has no room from all, and drops what has nothing left. */
function prune(state: State, valuesMax: number): void {
  const order = ranked(state.counts);
  const taken = order[valuesMax]![1];
  state.counts = {};
  state.size = 0;
  state.lacking += taken;
  for (const [token, count] of order) {
    if (count <= taken) break;
    state.counts[token] = count - taken;
    state.size++;
  }
}

function ranked(counts: Readonly<Record<string, number>>): [token: string, count: number][] {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
