import { FedbusError } from "../../../schemas/errors.js";
import { type ModelFile, readModelFile } from "../onnx/model-file.js";
import { graphProblems } from "./graph-problems.js";
import { completeLimits, type ModelLimits } from "./model-limits.js";

/** Versions of the format that ONNX Runtime reads. */
const [irVersionMin, irVersionMax] = [3, 13] as const;

/**
 * Reads what a model's file holds, and refuses what could reach out of it or never end. Nothing is run.
 * Throws MODEL_INVALID, and MODEL_REFUSED with all that is wrong in `details.problems`.
 */
export function checkModelFile(bytes: Uint8Array, given: Partial<ModelLimits> = {}): ModelFile {
  const limits = completeLimits(given);
  if (bytes.length > limits.bytesMax)
    throw refused([`it has ${bytes.length} bytes, the limit is ${limits.bytesMax} (bytesMax)`]);
  const file = readModelFile(bytes);
  const problems = [...fileProblems(file), ...graphProblems(file.graph, limits)];
  if (problems.length > 0) throw refused(problems);
  return file;
}

function fileProblems({ irVersion, functions, trainingGraphs }: ModelFile): string[] {
  const problems: string[] = [];
  if (irVersion < irVersionMin || irVersion > irVersionMax)
    problems.push(
      `it is of IR version ${irVersion}: ${irVersionMin} to ${irVersionMax} can be read`,
    );
  if (functions > 0)
    problems.push(
      "it defines functions of its own: inline them (onnx.inliner.inline_local_functions)",
    );
  if (trainingGraphs > 0) problems.push("it holds graphs for training: export it for inference");
  return problems;
}

function refused(problems: readonly string[]): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${problems.join("; ")}`, {
    details: { problems },
  });
}
