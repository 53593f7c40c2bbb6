import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { returned } from "./orders.js";

/** Publishes often, so that a process that is killed is killed in the middle of it. */
export const killed: TrainSpec = {
  ...{ ...returned, model: "mlp", hyper: { hidden: [8] }, minRows: 512, every: { rows: 128 } },
  ...{ baseline: false, metrics: { everyRows: 200 } },
};
