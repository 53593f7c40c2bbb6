import type { ModelFile } from "../onnx/model-file.js";
import type { ValueSummary } from "../onnx/value-reader.js";
import { inputOf, outputOf, type Port } from "../runtime/ports.js";
import { checkModelFile } from "./check-model-file.js";
import { type DryRunOptions, dryRun } from "./dry-run.js";
import type { TrialReport } from "./trial-messages.js";

/** A model from elsewhere that was looked through and tried. */
export interface AdmittedModel {
  readonly file: ModelFile;
  readonly report: TrialReport;
}

/**
 * Looks through a model's bytes, of any origin, and then runs it in a process of its own: after that it
 * may be served. What a model does with rows that were not tried, nobody can know: serve those from
 * elsewhere in a process that is watched, as consumers are. Rejects with MODEL_INVALID, MODEL_REFUSED,
 * MODEL_FAILED, MODEL_RUNTIME_MISSING.
 */
export async function admitModel(
  bytes: Uint8Array,
  options: DryRunOptions = {},
): Promise<AdmittedModel> {
  const file = checkModelFile(bytes, options.limits);
  inputOf(portsOf(file.graph.inputs));
  outputOf(portsOf(file.graph.outputs), options.output);
  const report = await dryRun(bytes, options);
  return { file, report };
}

function portsOf(values: readonly ValueSummary[]): Port[] {
  return values.map(({ name, type, dims }) => ({ name, type, dims: dims ?? [] }));
}
