import { FedbusError } from "../../../schemas/index.js";
import type { Task } from "../learners/learner.js";
import type { ElementName } from "../onnx/element-types.js";
import type { ModelFile } from "../onnx/model-file.js";
import type { ValueSummary } from "../onnx/value-reader.js";
import { outputOf } from "../runtime/ports.js";
import type { DeclaredFeatures, ImportDeclaration } from "./import-declaration.js";

/** An input of the model, and the columns of a row of features that go into it. */
export interface AdaptedInput {
  readonly name: string;
  readonly type: ElementName;
  /** 1: [N]; 2: [N, columns]. */
  readonly rank: 1 | 2;
  readonly columns: readonly number[];
}

/** How a model is given one input of features, and one output of predictions. */
export interface Adaptation {
  readonly inputs: readonly AdaptedInput[];
  readonly output: string;
  /** Which numbers of a row of the output; undefined: all. */
  readonly columns: readonly number[] | undefined;
  readonly task: Task;
  /** Columns of the features. */
  readonly width: number;
  /** The model takes one row at a time. */
  readonly isRowByRow: boolean;
}

const numberTypes: readonly string[] = ["float", "double", "int64", "int32", "bool", "uint8"];

/** Fits a declaration to a model's own inputs and outputs. Throws OPTIONS_INVALID and MODEL_REFUSED. */
export function adaptationOf(
  { graph }: ModelFile,
  declaration: ImportDeclaration,
  features: DeclaredFeatures,
): Adaptation {
  const inputs = graph.inputs.map((input) =>
    adaptedInput(input, graph.inputs, declaration, features),
  );
  checkNames(declaration, graph.inputs);
  const isRowByRow = graph.inputs.some(({ dims }) => dims?.[0] === 1);
  const output = outputIn(graph.outputs, declaration.output);
  const { task, columns } = taskOf(declaration, output);
  const width = features.declaration.columns.length;
  return { inputs, output: output.name, columns, task, width, isRowByRow };
}

function adaptedInput(
  input: ValueSummary,
  all: readonly ValueSummary[],
  { inputs }: ImportDeclaration,
  { declaration, columnsOf }: DeclaredFeatures,
): AdaptedInput {
  const { name, kind, type, dims = ["", ""] } = input;
  const shape = `${type || kind} [${dims.join(", ")}]`;
  if (kind !== "tensor" || !numberTypes.includes(type) || dims.length < 1 || dims.length > 2)
    throw refused(`its input ${name} (${shape}) must be numbers [N] or [N, columns]`);
  if (typeof dims[0] === "number" && dims[0] !== 1)
    throw refused(
      `its input ${name} (${shape}) takes just ${dims[0]} rows: leave their number open`,
    );
  const names = inputs?.[name] ?? (all.length === 1 ? declaration.columns : [name]);
  const columns = names.flatMap((one) => {
    const found = columnsOf.get(one);
    if (found === undefined)
      throw wrong(
        `there is no feature ${one} for the model's input ${name}`,
        `there are ${listed([...columnsOf.keys()])}`,
      );
    return found;
  });
  const wanted = dims.length === 1 ? 1 : dims[1];
  if (typeof wanted === "number" && wanted !== columns.length)
    throw wrongWidth(
      name,
      wanted,
      columns.map((column) => declaration.columns[column]!),
    );
  return { name, type: type as ElementName, rank: dims.length as 1 | 2, columns };
}

/** A one-hot has one column more than its values, which models made elsewhere seldom know. */
function wrongWidth(input: string, wanted: number, given: readonly string[]): FedbusError {
  const others = given.filter((column) => column.endsWith("=…"));
  const kept = given.filter((column) => !others.includes(column));
  const isOthers = others.length > 0 && kept.length === wanted;
  const pick = JSON.stringify({ inputs: { [input]: isOthers ? kept : ["…"] } });
  const why = isOthers ? `${others.join(", ")} is for categories beside the \`values\`: ` : "";
  return wrong(
    `the model's input ${input} takes ${wanted} columns, and is given ${given.length}: ${listed(given)}`,
    isOthers || given.length > wanted
      ? `${why}pick columns, in the model's order, by ${cut(pick)}`
      : `declare the features that are missing, or pick columns by ${pick}`,
  );
}

/** Names and remedies that a person can still read. */
const namesShown = 40;
const textMax = 600;

function listed(names: readonly string[]): string {
  const more = names.length - namesShown;
  return names.slice(0, namesShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function cut(text: string): string {
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text;
}

function checkNames({ inputs = {} }: ImportDeclaration, all: readonly ValueSummary[]): void {
  const known = all.map(({ name }) => name);
  const unknown = Object.keys(inputs).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw wrong(`the model has no input ${unknown.join(", ")}: it has ${known.join(", ")}`);
}

/** scikit-learn's classifiers have the label and the probabilities: the latter say more. */
function outputIn(outputs: readonly ValueSummary[], wanted: string | undefined): ValueSummary {
  const usual = ["prediction", "probabilities"].find((one) =>
    outputs.some(({ name, kind }) => name === one && kind === "tensor"),
  );
  const ports = outputs.map(({ name, type, dims = [] }) => ({ name, type, dims }));
  const { name } = outputOf(ports, wanted ?? (outputs.length === 1 ? undefined : usual));
  return outputs.find((output) => output.name === name)!;
}

/** What the output means, and which of its numbers count. Throws OPTIONS_INVALID. */
function taskOf(
  { task: given, classes, columns }: ImportDeclaration,
  { name, dims }: ValueSummary,
): Pick<Adaptation, "task" | "columns"> {
  const size = dims?.[1];
  const count = classes?.length ?? (name.includes("probabilit") ? size : undefined);
  const guessed =
    count === 2 ? "binary" : typeof count === "number" && count > 2 ? "classes" : "regression";
  const task = given ?? guessed;
  if (typeof size === "number" && columns?.some((column) => column >= size))
    throw wrong(`the model's output ${name} has ${size} columns, from 0 on`);
  if (task === "binary" && (classes?.length ?? 2) !== 2)
    throw wrong("a binary task has two classes");
  const single = task !== "classes";
  if (columns === undefined && task === "binary" && size === 2) return { task, columns: [1] };
  const chosen = columns?.length ?? size;
  if (single && typeof chosen === "number" && chosen !== 1)
    throw wrong(
      `the model's output ${name} has ${chosen} columns, and ${task} is one: say which by \`columns\``,
    );
  if (!single && typeof chosen === "number" && classes !== undefined && chosen !== classes.length)
    throw wrong(`the model's output ${name} has ${chosen} columns for ${classes.length} classes`);
  return { task, columns };
}

function wrong(why: string, remedy?: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", `the model's declaration does not fit: ${why}`, {
    details: remedy === undefined ? {} : { remedy },
  });
}

function refused(why: string): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${why}`);
}
