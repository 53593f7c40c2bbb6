import { boostedTrees } from "../trees/boosted-trees.js";
import { forest } from "../trees/forest-kind.js";
import { ewma } from "./forecasts/ewma.js";
import type { ForecastKind } from "./forecasts/forecaster.js";
import { holtWinters } from "./forecasts/holt-winters.js";
import { ftrl } from "./ftrl.js";
import { halfSpaceTrees } from "./half-space-trees.js";
import { hoeffding } from "./hoeffding/hoeffding.js";
import { kMeans } from "./k-means.js";
import type { BatchKind, OnlineKind } from "./learner.js";
import { linear, logistic, softmax } from "./network/linear.js";
import { mlp } from "./network/mlp.js";

/** Models that learn as rows come, by name. */
export const onlineKinds: ReadonlyMap<string, OnlineKind<object>> = byName<OnlineKind<object>>(
  linear,
  logistic,
  softmax,
  mlp,
  ftrl,
  hoeffding,
  kMeans,
  halfSpaceTrees,
);

/** Models that are fitted to many rows at once, by name. */
export const batchKinds: ReadonlyMap<string, BatchKind<object>> = byName<BatchKind<object>>(
  boostedTrees,
  forest,
);

/** Forecasts of one value over time, by name. */
export const forecastKinds: ReadonlyMap<string, ForecastKind<object>> = byName<
  ForecastKind<object>
>(ewma, holtWinters);

function byName<Kind extends { readonly name: string }>(
  ...kinds: readonly Kind[]
): ReadonlyMap<string, Kind> {
  return new Map(kinds.map((kind) => [kind.name, kind]));
}
