import { elementTypes } from "../onnx/element-types.js";
import { valueInfo } from "../onnx/graph-builder.js";
import type { GraphSummary } from "../onnx/graph-reader.js";
import { MessageReader } from "../onnx/message-reader.js";
import { MessageWriter } from "../onnx/message-writer.js";
import { readModelFile } from "../onnx/model-file.js";
import { readValue } from "../onnx/value-reader.js";
import type { Adaptation, AdaptedInput } from "./adaptation.js";

/** Fields of `ModelProto` and `GraphProto` that are looked at; all others are copied as they are. */
const modelField = { graph: 7, opset: 8, metadata: 14 } as const;
const graphField = { node: 1, input: 11, output: 12 } as const;
/** For files that use no operator of ONNX's own: what is added here needs 6 at least. */
const ownOpset = 13;

/**
 * The same model with one input, [N, width] of features, and one output, [N, outputs] of predictions: what fedbus
 * serves. Nodes before and after the model's own pick columns and change types; nothing of the model itself
 * is touched. `metadata` is added to the file's own. The bytes were looked through before (`checkModelFile`).
 */
export function adaptModel(
  bytes: Uint8Array,
  adaptation: Adaptation,
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const file = readModelFile(bytes);
  const model = new MessageWriter();
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === modelField.graph)
      model.message(modelField.graph, adaptedGraph(reader.bytes(), file.graph, adaptation));
    else if (reader.field !== modelField.metadata || !(keyOf(reader.bytes()) in metadata))
      copy(reader, model);
  }
  if (!file.opsets.has("") && !file.opsets.has("ai.onnx"))
    model.message(modelField.opset, new MessageWriter().text(1, "").int(2, ownOpset));
  for (const [key, value] of Object.entries(metadata))
    model.message(modelField.metadata, new MessageWriter().text(1, key).text(2, value));
  return model.end();
}

function adaptedGraph(bytes: Uint8Array, own: GraphSummary, adaptation: Adaptation): MessageWriter {
  const names = new Names(own);
  const graph = new MessageWriter();
  const { inputs, width, isRowByRow } = adaptation;
  const features = names.fresh("features");
  const prediction = names.fresh("prediction");
  const nodes = new Nodes(graph, names);
  for (const input of inputs) feedInput(nodes, features, input);
  const replaced = new Set(inputs.map(({ name }) => name));
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === graphField.output) continue;
    const isInput = reader.field === graphField.input;
    if (!isInput || !replaced.has(readValue(reader.bytes()).name)) copy(reader, graph);
  }
  fetchOutput(nodes, adaptation, prediction);
  graph.message(graphField.input, valueInfo(features, [isRowByRow ? 1 : "N", width]));
  return graph.message(graphField.output, valueInfo(prediction, [isRowByRow ? 1 : "N", "outputs"]));
}

/** From the row of features to an input of the model: its columns, its shape and its type. */
function feedInput(
  nodes: Nodes,
  features: string,
  { name, type, rank, columns }: AdaptedInput,
): void {
  const picked = nodes.add("Gather", [features, nodes.whole([columns.length], columns)], {
    axis: 1,
  });
  const shaped = rank === 1 ? nodes.add("Reshape", [picked, nodes.whole([1], [-1])]) : picked;
  nodes.add("Cast", [shaped], { to: elementTypes[type] }, name);
}

/** From the model's output to floats [N, outputs]. */
function fetchOutput(nodes: Nodes, { output, columns }: Adaptation, prediction: string): void {
  const floats = nodes.add("Cast", [output], { to: elementTypes.float });
  const last = columns === undefined ? prediction : undefined;
  // Of [N] it makes [N, 1].
  const flat = nodes.add("Flatten", [floats], { axis: 1 }, last);
  if (columns !== undefined)
    nodes.add("Gather", [flat, nodes.whole([columns.length], columns)], { axis: 1 }, prediction);
}

/** Adds nodes to a graph, each with one output. */
class Nodes {
  readonly #graph: MessageWriter;
  readonly #names: Names;

  constructor(graph: MessageWriter, names: Names) {
    this.#graph = graph;
    this.#names = names;
  }

  add(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
    output = this.#names.fresh(`fedbus_${op}`),
  ): string {
    const node = new MessageWriter();
    for (const input of inputs) node.text(1, input);
    node.text(2, output).text(4, op);
    for (const [name, value] of Object.entries(attributes))
      node.message(5, new MessageWriter().text(1, name).int(3, value).int(20, 2));
    this.#graph.message(graphField.node, node);
    return output;
  }

  /** A tensor of whole numbers. A node, since old files allow no tensor that is not an input too. */
  whole(dims: readonly number[], values: readonly number[]): string {
    const bytes = Buffer.alloc(8 * values.length);
    for (const [index, value] of values.entries()) bytes.writeBigInt64LE(BigInt(value), 8 * index);
    const output = this.#names.fresh("fedbus_constant");
    const tensor = new MessageWriter().ints(1, dims).int(2, elementTypes.int64).bytes(9, bytes);
    const value = new MessageWriter().text(1, "value").message(5, tensor).int(20, 4);
    const node = new MessageWriter().text(2, output).text(4, "Constant").message(5, value);
    this.#graph.message(graphField.node, node);
    return output;
  }
}

/** Names that are not taken in a graph or in those inside it. */
class Names {
  readonly #taken = new Set<string>();

  constructor(graph: GraphSummary) {
    this.#take(graph);
  }

  fresh(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}_${count}`;
    this.#taken.add(name);
    return name;
  }

  #take({ inputs, outputs, nodes, initializers }: GraphSummary): void {
    for (const { name } of [...inputs, ...outputs, ...initializers]) this.#taken.add(name);
    for (const node of nodes) {
      for (const name of [...node.inputs, ...node.outputs]) this.#taken.add(name);
      for (const graph of node.graphs) this.#take(graph);
    }
  }
}

function copy(reader: MessageReader, writer: MessageWriter): void {
  if (reader.wire === 0) writer.int(reader.field, reader.int());
  else if (reader.wire === 2) writer.bytes(reader.field, reader.bytes());
}

function keyOf(entry: Uint8Array): string {
  let key = "";
  const reader = new MessageReader(entry);
  while (reader.next()) if (reader.field === 1) key = reader.text();
  return key;
}
