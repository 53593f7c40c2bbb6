import { createHash } from "node:crypto";
import type { Bus } from "../../../bus/index.js";
import { FedbusError } from "../../../schemas/index.js";
import { checkModelFile } from "../intake/check-model-file.js";
import { dryRun } from "../intake/dry-run.js";
import type { ModelLimits } from "../intake/model-limits.js";
import type { TrialReport } from "../intake/trial-messages.js";
import type { Task } from "../learners/learner.js";
import { type ModelVersion, modelTopic } from "../registry/model-version.js";
import { checkModelName, historyOf } from "../registry/models.js";
import { adaptModel } from "./adapt-model.js";
import { adaptationOf } from "./adaptation.js";
import { checkImport, declaredFeatures, type ImportDeclaration } from "./import-declaration.js";

export interface ImportOptions {
  readonly name: string;
  readonly declaration: ImportDeclaration;
  readonly limits?: Partial<ModelLimits>;
}

/** A model that was taken in. */
export interface ImportedModel extends Pick<ModelVersion, "name" | "version" | "sha256" | "bytes"> {
  /** Of the event that tells it. */
  readonly offset: number;
  /** Whether it was there already, under this name: then nothing was told. */
  readonly isKnown: boolean;
  /** How its trial went. */
  readonly trial: TrialReport;
}

/** The member of a file's metadata that says what the model is, as JSON. */
const metadataKey = "fedbus.model";

/**
 * Takes in an ONNX file that was made elsewhere: looks it through, gives it an input of features and an output
 * of predictions as declared, tries it in a process of its own, and keeps it. An event on `models.NAME.imported`
 * tells it; it answers once it is promoted. Rejects with OPTIONS_INVALID (also for a name under which a consumer
 * trains: it counts its versions itself), MODEL_INVALID, MODEL_REFUSED, MODEL_FAILED, MODEL_RUNTIME_MISSING, and as
 * `BlobStore.put` does.
 */
export async function importModel(
  bus: Bus,
  bytes: Uint8Array,
  { name, declaration, limits }: ImportOptions,
): Promise<ImportedModel> {
  checkModelName(name);
  checkImport(declaration);
  const history = await historyOf(bus, name);
  if (history.isTrained) throw nameTaken(name);
  const file = checkModelFile(bytes, limits);
  const features = declaredFeatures(declaration.features);
  const adaptation = adaptationOf(file, declaration, features);
  const { classes, metrics, kind = file.producer || "onnx" } = declaration;
  // Its number is not in the file: the same file, declared the same, is the same model.
  const card = {
    ...{ name, source: "import" },
    ...{ kind, task: adaptation.task },
    ...(classes !== undefined && { classes }),
    features: features.declaration,
    ...(metrics !== undefined && { metrics }),
    original: {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
      producer: file.producer,
      inputs: adaptation.inputs.map((input) => input.name),
      output: adaptation.output,
    },
  };
  const adapted = adaptModel(bytes, adaptation, { [metadataKey]: JSON.stringify(card) });
  const { width } = adaptation;
  const trial = await dryRun(adapted, { width, ...(limits !== undefined && { limits }) });
  checkOutputs(trial.outputs, adaptation.task, classes?.length);
  const sha256 = await bus.blobs.put(adapted);
  const imported = { name, sha256, bytes: adapted.length, trial };
  const known = history.versions.find((version) => version.sha256 === sha256);
  if (known !== undefined)
    return { ...imported, version: known.version, offset: known.offset, isKnown: true };
  const version = history.versions.reduce((last, one) => Math.max(last, one.version), 0) + 1;
  await using publisher = bus.publisher({ sourceName: "fedbus model" });
  const body = { ...card, version, sha256, bytes: adapted.length };
  const offset = await publisher.publish(modelTopic(name, "imported"), body);
  return { ...imported, version, offset, isKnown: false };
}

/** Not every file says how many numbers it gives: the trial does. Throws OPTIONS_INVALID. */
function checkOutputs(outputs: number, task: Task, classes: number | undefined): void {
  const wanted = task === "classes" ? (classes ?? outputs) : 1;
  if (outputs === wanted) return;
  const remedy = "say which by `columns`";
  throw new FedbusError(
    "OPTIONS_INVALID",
    `the model gives ${outputs} numbers a row, and ${task} wants ${wanted}`,
    { details: { outputs, wanted, remedy } },
  );
}

function nameTaken(name: string): FedbusError {
  const remedy = "take it in under another name (--name), and compare the two";
  return new FedbusError(
    "OPTIONS_INVALID",
    `a consumer trains models named ${name}, and counts their versions`,
    { details: { name, remedy } },
  );
}
