import { FedbusError } from "../../schemas/index.js";
import { Extractor } from "../models/features/extractor.js";
import { type FeatureDeclaration, type Features, isFunction } from "../models/features/feature.js";
import { checkFeatures, resolve } from "../models/features/feature-options.js";
import type { Task } from "../models/learners/learner.js";
import { ModelSession } from "../models/runtime/model-session.js";
import { Explainer } from "./contributions/explainer.js";
import { modelCardIn } from "./model-card.js";
import type { ModelRef } from "./model-events.js";
import { mustRunRowByRow } from "./self-check.js";
import { ServedModel } from "./served-model.js";

export interface LoaderOptions {
  /** Instead of those that the model declares. */
  readonly features: Features<never> | undefined;
  readonly config: unknown;
  readonly batchRowsMax: number;
  /** The output from which on the decision is true. Default: that of the task. */
  readonly threshold?: number | undefined;
  /** Whether contributions are wanted. Default false. */
  readonly contributions?: boolean;
}

/**
 * Opens a model's file for serving. Rejects with MODEL_INVALID, MODEL_REFUSED, MODEL_RUNTIME_MISSING, and with
 * OPTIONS_INVALID if its features are not those that are given, or the threshold is none for it.
 */
export async function loadModel(
  bytes: Buffer,
  ref: ModelRef,
  { features, config, batchRowsMax, threshold, contributions = false }: LoaderOptions,
): Promise<ServedModel> {
  const card = modelCardIn(bytes);
  checkThreshold(threshold, card.task);
  const extractor = extractorFor(card.features, features, config);
  const session = await ModelSession.open(
    bytes,
    card.output === undefined ? {} : { output: card.output },
  );
  try {
    const { width } = extractor;
    if ((session.width ?? width) !== width) throw wrongWidth(session.width!, width);
    const isRowByRow = await mustRunRowByRow(session, width, batchRowsMax);
    const { columns } = extractor.declaration;
    const explainer = contributions ? await Explainer.open(bytes, columns) : undefined;
    const { version = ref.version, task, classes } = card;
    const known = { sha256: ref.sha256, ...(version !== undefined && { version }) };
    return new ServedModel({
      ...{ ref: known, task, extractor, session, isRowByRow, explainer },
      ...(classes !== undefined && { classes }),
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A probability that no model reaches, or that each one does, is a mistake. Throws OPTIONS_INVALID. */
function checkThreshold(threshold: number | undefined, task: Task): void {
  if (task !== "binary" || threshold === undefined || (threshold >= 0 && threshold <= 1)) return;
  throw new FedbusError(
    "OPTIONS_INVALID",
    `threshold must be from 0 to 1, for the model tells a probability (task binary), and it is ${threshold}`,
    { details: { field: "threshold", least: 0, most: 1, value: threshold } },
  );
}

/** Features of the model's own, unless others are given. Throws OPTIONS_INVALID. */
function extractorFor(
  declared: FeatureDeclaration | undefined,
  given: Features<never> | undefined,
  config: unknown,
): Extractor {
  if (given !== undefined && !isFunction(given)) {
    checkFeatures(given);
    return Extractor.from({ columns: [], list: resolve(given) });
  }
  if (given !== undefined) {
    const { columns } = declared ?? { columns: given.names };
    return Extractor.from({ columns }, { features: given as Features, config });
  }
  if (declared !== undefined) return Extractor.from(declared);
  throw new FedbusError(
    "OPTIONS_INVALID",
    "the model does not say what its features are: give `features`",
  );
}

function wrongWidth(wanted: number, given: number): FedbusError {
  return new FedbusError(
    "MODEL_REFUSED",
    `the model is refused: it takes ${wanted} columns, and its features are ${given}`,
  );
}
