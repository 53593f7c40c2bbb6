import { MessageReader } from "../../models/onnx/message-reader.js";

/** A node with its attributes, as far as contributions need them. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: ReadonlyMap<string, NodeAttribute>;
}

/** The values of an attribute: whole numbers, floats or texts. */
export interface NodeAttribute {
  readonly ints: readonly number[];
  readonly floats: Float32Array;
  readonly texts: readonly string[];
}

/** A stored tensor of floats; of other types it has no values. */
export interface FloatTensor {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** What a graph is made of, weights included. */
export interface GraphParts {
  readonly nodes: readonly GraphNode[];
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** The parts of a model file that has been looked through before. Throws MODEL_INVALID for what it cannot read. */
export function graphPartsOf(file: Uint8Array): GraphParts {
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, FloatTensor>();
  const model = new MessageReader(file);
  while (model.next()) {
    if (model.field !== 7) continue;
    const graph = new MessageReader(model.bytes());
    while (graph.next())
      if (graph.field === 1) nodes.push(nodeIn(graph.bytes()));
      else if (graph.field === 5) tensors.set(...tensorIn(graph.bytes()));
  }
  return { nodes, tensors };
}

function nodeIn(bytes: Uint8Array): GraphNode {
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const attributes = new Map<string, NodeAttribute>();
  let op = "";
  const reader = new MessageReader(bytes);
  while (reader.next())
    if (reader.field === 1) inputs.push(reader.text());
    else if (reader.field === 2) outputs.push(reader.text());
    else if (reader.field === 4) op = reader.text();
    else if (reader.field === 5) attributes.set(...attributeIn(reader.bytes()));
  return { op, inputs, output: outputs[0] ?? "", attributes };
}

function attributeIn(bytes: Uint8Array): [string, NodeAttribute] {
  let name = "";
  const ints: number[] = [];
  const texts: string[] = [];
  let floats: Float32Array = new Float32Array();
  const reader = new MessageReader(bytes);
  while (reader.next())
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 3) ints.push(Number(reader.int()));
    else if (reader.field === 7) floats = floatsOf(reader.bytes());
    else if (reader.field === 8) for (const value of reader.ints()) ints.push(Number(value));
    else if (reader.field === 4 || reader.field === 9) texts.push(reader.text());
  return [name, { ints, floats, texts }];
}

function tensorIn(bytes: Uint8Array): [string, FloatTensor] {
  let [name, type] = ["", 0];
  const dims: number[] = [];
  let values: Float32Array = new Float32Array();
  const reader = new MessageReader(bytes);
  while (reader.next())
    if (reader.field === 1) dims.push(...reader.ints().map(Number));
    else if (reader.field === 2) type = Number(reader.int());
    else if (reader.field === 8) name = reader.text();
    else if (reader.field === 4 || reader.field === 9) values = floatsOf(reader.bytes());
  return [name, { dims, values: type === 1 ? values : new Float32Array() }];
}

/** Little-endian floats, copied: they need not be aligned in the file. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
