import { runtimeVersion } from "../models/runtime/onnxruntime.js";
import { packageVersion } from "../plugin/own-package.js";
import type { Lineage } from "./lineage.js";
import type { TrainPlan } from "./train-plan.js";

/** What of a lineage is known before anything is learnt: the causes of all the rest, beside the events. */
export type ModelSettings = Pick<
  Lineage,
  "kind" | "task" | "classes" | "hyper" | "seed" | "training" | "plugin" | "runtime"
>;

/** `code`: SHA-256 of the plugin's code, hex, if it came from a file. */
export async function settingsOf(plan: TrainPlan, code?: string): Promise<ModelSettings> {
  const { kind, task, classes, hyper, seed, plugin } = plan;
  return {
    ...{ kind: kind.name, task },
    ...(classes.length > 0 && { classes }),
    ...{ hyper, seed, training: trainingOf(plan) },
    plugin: { ...plugin, ...(code !== undefined && { code }) },
    runtime: {
      fedbus: packageVersion(),
      node: process.versions.node,
      onnxruntime: await runtimeVersion(),
      platform: process.platform,
      arch: process.arch,
    },
  };
}

function trainingOf(plan: TrainPlan): Lineage["training"] {
  const { every, minRows, kind, window, classWeights, keep, baseline, threshold } = plan;
  const { driftDelta, refitOnDrift, metricsRows, metricsEveryRows, patience } = plan;
  return {
    ...{ every, minRows, baseline, threshold },
    ...("fit" in kind && { window }),
    ...(classWeights !== undefined && { classWeights }),
    ...(keep !== undefined && { downsample: keep }),
    drift: { delta: driftDelta, refit: refitOnDrift },
    metrics: { windowRows: metricsRows, everyRows: metricsEveryRows },
    ...(patience !== undefined && { earlyStopping: { patience } }),
  };
}
