import { Extractor } from "../models/features/extractor.js";
import type { TrainPlan } from "./train-plan.js";

/** What a plan's rows and learner depend on. */
export function aboutOf(plan: TrainPlan): string {
  const { kind, task, classes, hyper, window, seed, keep, classWeights, metricsRows, config } =
    plan;
  const { declaration } = Extractor.of(plan.features, config);
  const about = {
    declaration,
    kind: kind.name,
    task,
    classes,
    hyper,
    window,
    seed,
    keep,
    classWeights,
  };
  return JSON.stringify({ ...about, metricsRows, baseline: plan.baseline });
}
