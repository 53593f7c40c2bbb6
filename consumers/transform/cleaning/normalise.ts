import { memberOf } from "../../field.js";
import { bodyPath, withMember } from "../body.js";
import type { Step } from "../item.js";
import { type ItemKey, isNumber, itemKeyOf, tableOf } from "./keyed-step.js";

export interface NormaliseOptions {
  /** What values belong together. Default: all. In a consumer with a key, what shares one. */
  readonly by?: ItemKey;
  /** Where the result goes. Default: in the value's place. */
  readonly as?: string;
  /** Its state's table. Default: `z-score-` or `min-max-` and the member's path. */
  readonly table?: string;
}

interface Running {
  count: number;
  mean: number;
  squares: number;
}

interface Range {
  min: number;
  max: number;
}

/**
 * How many standard deviations a number is from the mean of the key's numbers before it (Welford's running
 * variance, of a sample). Null for the first two, and while all were equal. What is no number is left as it is.
 * Throws OPTIONS_INVALID.
 */
export function zScore(path: string, options: NormaliseOptions = {}): Step {
  return normalised<Running>("z-score", path, options, (state, value) => {
    const { count, mean, squares } = state ?? { count: 0, mean: 0, squares: 0 };
    const distance = value - mean;
    const deviation = count < 2 ? 0 : Math.sqrt(squares / (count - 1));
    const next = mean + distance / (count + 1);
    return {
      state: { count: count + 1, mean: next, squares: squares + distance * (value - next) },
      result: deviation === 0 ? null : distance / deviation,
    };
  });
}

/**
 * Where a number lies between the least, 0, and the greatest, 1, of the key's numbers so far, itself included.
 * Null while all were equal. What is no number is left as it is. Throws OPTIONS_INVALID.
 */
export function minMax(path: string, options: NormaliseOptions = {}): Step {
  return normalised<Range>("min-max", path, options, (state, value) => {
    const min = Math.min(state?.min ?? value, value);
    const max = Math.max(state?.max ?? value, value);
    return { state: { min, max }, result: min === max ? null : (value - min) / (max - min) };
  });
}

function normalised<State>(
  kind: string,
  path: string,
  options: NormaliseOptions,
  next: (state: State | undefined, value: number) => { state: State; result: number | null },
): Step {
  const names = bodyPath(path);
  const target = options.as === undefined ? names : bodyPath(options.as);
  const keyIn = itemKeyOf(options.by ?? (() => ""));
  const table = tableOf(options.table, kind, names);
  return {
    table,
    run(item, context) {
      const key = keyIn(item);
      const value = memberOf(item.msg, names);
      if (key === undefined || !isNumber(value)) return item;
      const states = context.table<State>(table);
      const { state, result } = next(states.get(key), value);
      states.put(key, state);
      return { ...item, msg: withMember(item.msg, target, result) };
    },
  };
}
