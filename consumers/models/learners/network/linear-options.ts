import type { Task } from "../learner.js";
import type { NetworkSpec } from "./network-spec.js";
import type { RateOptions } from "./step-rate.js";

/** How a network without hidden layers learns. */
export interface LinearOptions {
  readonly task: Task;
  readonly spec: NetworkSpec;
  /** Newton steps instead of the spec's optimiser. */
  readonly newton: boolean;
  readonly drift: number;
  readonly rate: RateOptions;
  readonly stepRows: number;
}
