import { FedbusError } from "../../../schemas/index.js";
import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { addToSketch, emptySketch, mergeSketches, quantileOf, type Sketch } from "./ddsketch.js";
import { numberFor } from "./field-of-accumulator.js";

export interface QuantilesOptions {
  /** Relative error of each quantile, at most. Default 0.01. */
  readonly accuracy?: number;
}

/**
 * Quantiles of a field, by default the median, p90 and p99, as `{ p50, p90, p99 }`: each is off by at most
 * one part in a hundred of its value (DDSketch); null if there was no value. What is no finite number is
 * left out. Throws OPTIONS_INVALID.
 */
export function quantiles(
  field: Field,
  shares: readonly number[] = [0.5, 0.9, 0.99],
  { accuracy = 0.01 }: QuantilesOptions = {},
): Accumulator<Sketch, Readonly<Record<string, number | null>>> {
  const valueIn = numberFor("quantiles", field);
  check(shares, accuracy);
  const logGamma = Math.log1p((2 * accuracy) / (1 - accuracy));
  const wanted = shares.map((share) => [nameOf(share), share] as const);
  return {
    create: emptySketch,
    add(state, event) {
      const value = valueIn(event);
      if (value !== undefined) addToSketch(state, value, logGamma);
      return state;
    },
    merge: mergeSketches,
    result: (state) =>
      Object.fromEntries(wanted.map(([name, share]) => [name, quantileOf(state, share, logGamma)])),
  };
}

/** 0.999 is `p99.9`. */
function nameOf(share: number): string {
  return `p${Number((share * 100).toPrecision(12))}`;
}

function check(shares: readonly number[], accuracy: number): void {
  if (!Array.isArray(shares) || !shares.every((share) => share >= 0 && share <= 1))
    throw new FedbusError("OPTIONS_INVALID", "quantiles: each must be from 0 to 1");
  if (!(accuracy >= 0.0001 && accuracy <= 0.5))
    throw new FedbusError("OPTIONS_INVALID", "quantiles: accuracy must be from 0.0001 to 0.5");
}
