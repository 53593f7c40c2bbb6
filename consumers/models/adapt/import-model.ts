import { createHash } from "node:crypto";
import type { Bus } from "../../../bus/index.js";
import { FedbusError, isFedbusError } from "../../../schemas/index.js";
import { checkModelFile } from "../intake/check-model-file.js";
import { dryRun } from "../intake/dry-run.js";
import type { ModelLimits } from "../intake/model-limits.js";
import type { TrialReport } from "../intake/trial-messages.js";
import type { Task } from "../learners/learner.js";
import { type ModelVersion, modelTopic } from "../registry/model-version.js";
import { checkModelName, readModel } from "../registry/models.js";
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
  /** How its trial went. */
  readonly trial: TrialReport;
}

/** The member of a file's metadata that says what the model is, as JSON. */
const metadataKey = "fedbus.model";

/**
 * Takes in an ONNX file that was made elsewhere: looks it through, gives it an input of features and an output
 * of predictions as declared, tries it in a process of its own, and keeps it. An event on `models.NAME.imported`
 * tells it; it answers once it is promoted. Rejects with OPTIONS_INVALID, MODEL_INVALID, MODEL_REFUSED,
 * MODEL_FAILED, MODEL_RUNTIME_MISSING, and as `BlobStore.put` does.
 */
export async function importModel(
  bus: Bus,
  bytes: Uint8Array,
  { name, declaration, limits }: ImportOptions,
): Promise<ImportedModel> {
  checkModelName(name);
  checkImport(declaration);
  const file = checkModelFile(bytes, limits);
  const features = declaredFeatures(declaration.features);
  const adaptation = adaptationOf(file, declaration, features);
  const { classes, metrics, kind = file.producer || "onnx" } = declaration;
  const card = {
    ...{ name, version: (await lastVersion(bus, name)) + 1, source: "import" },
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
  await using publisher = bus.publisher({ sourceName: "fedbus model" });
  const body = { ...card, sha256, bytes: adapted.length };
  const offset = await publisher.publish(modelTopic(name, "imported"), body);
  return { name, version: card.version, sha256, bytes: adapted.length, offset, trial };
}

/** Not every file says how many numbers it gives: the trial does. Throws OPTIONS_INVALID. */
function checkOutputs(outputs: number, task: Task, classes: number | undefined): void {
  const wanted = task === "classes" ? (classes ?? outputs) : 1;
  if (outputs === wanted) return;
  const remedy = "say which by `columns`";
  throw new FedbusError(
    "OPTIONS_INVALID",
    `the model gives ${outputs} numbers a row, and ${task} wants ${wanted}: ${remedy}`,
    { details: { outputs, wanted, remedy } },
  );
}

async function lastVersion(bus: Bus, name: string): Promise<number> {
  try {
    const { versions } = await readModel(bus, name);
    return versions.reduce((last, { version }) => Math.max(last, version), 0);
  } catch (error) {
    if (isFedbusError(error, "MODEL_UNKNOWN")) return 0;
    throw error;
  }
}
