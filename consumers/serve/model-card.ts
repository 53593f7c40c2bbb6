import { FedbusError } from "../../schemas/index.js";
import type { FeatureDeclaration } from "../models/features/feature.js";
import { checkModelFile } from "../models/intake/check-model-file.js";
import type { Task } from "../models/learners/learner.js";
import { lineageKey } from "../train/lineage.js";
import type { ClassLabel } from "./served-model.js";

/** What a model's file says of itself, as far as serving needs it. */
export interface ModelCard {
  readonly version?: number;
  readonly task: Task;
  /** Labels of the classes, in the order of the outputs. */
  readonly classes?: readonly ClassLabel[];
  readonly features?: FeatureDeclaration;
  /** Which output of the graph has the predictions. */
  readonly output?: string;
}

const tasks: readonly string[] = [
  "regression",
  "binary",
  "classes",
  "anomaly",
  "clusters",
] satisfies Task[];

/** How large a model may be is decided when it is taken in. */
const anySize = { nodesMax: Number.MAX_SAFE_INTEGER };

/**
 * The card in a model's file; of a file without one: a regression. Whoever may publish can promote any file, so
 * it is looked through before anything else: what reaches out of it, or might never end, does not come near
 * the runtime. Throws MODEL_INVALID and MODEL_REFUSED.
 */
export function modelCardIn(bytes: Uint8Array): ModelCard {
  const text = checkModelFile(bytes, anySize).metadata.get(lineageKey);
  if (text === undefined) return { task: "regression" };
  const { version, task, classes, features, output } = membersOf(text);
  if (typeof task !== "string" || !tasks.includes(task)) throw invalid("it names no task");
  return {
    task: task as Task,
    ...(Number.isSafeInteger(version) && { version: version as number }),
    ...(Array.isArray(classes) && { classes: classes as ClassLabel[] }),
    ...(isObject(features) && { features: features as unknown as FeatureDeclaration }),
    ...(typeof output === "string" && { output }),
  };
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  if (!isObject(card)) throw invalid("it is no object");
  return card;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function invalid(why: string, cause?: unknown): FedbusError {
  return new FedbusError("MODEL_INVALID", `the model's ${lineageKey} is of no use: ${why}`, {
    cause,
  });
}
