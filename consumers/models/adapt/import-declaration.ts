import { refuse } from "../../../bus/kernel/options.js";
import {
  anything,
  listOf,
  mapOf,
  oneOf,
  optional,
  problemsByRules,
  type Rules,
  text,
  whole,
} from "../../plugin/option-rules.js";
import { Extractor } from "../features/extractor.js";
import type {
  Category,
  Feature,
  FeatureDeclaration,
  ResolvedFeature,
} from "../features/feature.js";
import { checkFeatures, resolve } from "../features/feature-options.js";
import type { Task } from "../learners/learner.js";

/** How a model that was made elsewhere is to be used: what goes into it, and what comes out. */
export interface ImportDeclaration {
  /** What the model sees of an event, column by column; vocabularies must be given. */
  readonly features: readonly Feature[];
  /**
   * By input of the model: its columns, in order, by the names of features (all their columns) or of single columns.
   * Default: one input takes all columns; of several each takes the feature of its own name.
   */
  readonly inputs?: Readonly<Record<string, readonly string[]>>;
  /** The output that predicts. Default: the only one, or `prediction`, or `probabilities`. */
  readonly output?: string;
  /** Which numbers of a row of that output. Default: all; of a `binary` task's two, the second. */
  readonly columns?: readonly number[];
  /** Default: `classes` or `binary` by the number of classes or probabilities, else `regression`. */
  readonly task?: Task;
  /** Labels of the classes, in the order of the outputs; no first. */
  readonly classes?: readonly Category[];
  /** What the model is called in lists. Default: the tool that wrote it. */
  readonly kind?: string;
  /** What is known of its quality, by name. */
  readonly metrics?: Readonly<Record<string, unknown>>;
}

const columnsMax = 4_096;

const rules: Rules<ImportDeclaration> = {
  features: anything,
  inputs: optional(mapOf(listOf(text))),
  output: optional(text),
  columns: optional(listOf(whole(0, columnsMax))),
  task: optional(oneOf("regression", "binary", "classes", "anomaly", "clusters")),
  classes: optional(listOf(anything)),
  kind: optional(text),
  metrics: optional(mapOf(anything)),
};

/** Features that are declared, as a model's metadata has them, and the columns that each makes. */
export interface DeclaredFeatures {
  readonly declaration: FeatureDeclaration;
  /** Indices of the columns, by the name of a feature or of a column. */
  readonly columnsOf: ReadonlyMap<string, readonly number[]>;
}

/** Throws OPTIONS_INVALID with all that is wrong. */
export function checkImport(declaration: ImportDeclaration): void {
  refuse("the model's declaration", problemsByRules(declaration, rules));
  if (!Array.isArray(declaration.features))
    refuse("the model's declaration", ["features must be a list of features"]);
  checkFeatures(declaration.features);
  refuse("the model's declaration", resolve(declaration.features).flatMap(openVocabulary));
}

/** What was learnt elsewhere cannot be learnt here: the same index must be the same category. */
function openVocabulary({ name, encoder }: ResolvedFeature): string[] {
  const isOpen =
    (encoder.kind === "category" || encoder.kind === "one-hot") && encoder.values?.length === 0;
  return isOpen
    ? [`feature ${name}: give the \`values\` that the model knows, in their order`]
    : [];
}

export function declaredFeatures(features: readonly Feature[]): DeclaredFeatures {
  const list = resolve(features);
  const { declaration } = Extractor.from({ columns: [], list });
  const columnsOf = new Map<string, number[]>();
  for (const [index, column] of declaration.columns.entries()) columnsOf.set(column, [index]);
  let start = 0;
  for (const feature of list) {
    const { width } = Extractor.from({ columns: [], list: [feature] });
    columnsOf.set(
      feature.name,
      Array.from({ length: width }, (_, index) => start + index),
    );
    start += width;
  }
  return { declaration, columnsOf };
}
