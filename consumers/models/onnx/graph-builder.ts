import { type ElementName, elementTypes } from "./element-types.js";
import { MessageWriter } from "./message-writer.js";

/** A graph that a node holds, a whole number, a text, lists of these, or floats, which are marked. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: ArrayLike<number> }
  | GraphBuilder;

export type Attributes = Readonly<Record<string, Attribute>>;

/** Sizes; a name stands for a size that is known only when the graph runs. */
export type Dims = readonly (number | string)[];

interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  readonly domain: string;
}

/** What the files that are written here declare: read by any ONNX Runtime since 1.12. */
const irVersion = 8;
const opsets = { "": 17, "ai.onnx.ml": 3 } as const;

/**
 * Builds an ONNX graph node by node. Each value has a name, which `input`, `constant` and `node` return
 * and which further nodes take. The same calls give the same bytes.
 *
 * A graph given as an attribute is a node's own (the body of a `Scan`): it may use values of the outer
 * graph by their names, and needs a name of its own, which its values' names begin with.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #inputs: MessageWriter[] = [];
  readonly #outputs: MessageWriter[] = [];
  readonly #constants: MessageWriter[] = [];
  /** Values of nodes that are also outputs: written under the output's name from the start. */
  readonly #renamed = new Map<string, string>();
  readonly #produced = new Set<string>();
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares an input; returns its name. */
  input(name: string, dims: Dims, type: ElementName = "float"): string {
    this.#inputs.push(valueInfo(name, dims, type));
    return name;
  }

  /** Stores a tensor in the graph; returns the name that it got. */
  constant(dims: readonly number[], values: Float32Array | BigInt64Array): string {
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (size !== values.length)
      throw new RangeError(`${values.length} values do not fill [${dims.join(", ")}]`);
    const name = this.#fresh("constant");
    const type = values instanceof Float32Array ? elementTypes.float : elementTypes.int64;
    // The bytes are copied, so the caller may go on changing the array. All machines that
    // ONNX Runtime is built for are little-endian, as the format is.
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const tensor = new MessageWriter().ints(1, dims).int(2, type).text(8, name);
    this.#constants.push(tensor.bytes(9, Buffer.from(bytes)));
    return name;
  }

  /** Adds a node with one output; returns that value's name. An input "" is one left out. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, domain = ""): string {
    return this.nodes(op, inputs, 1, attributes, domain)[0]!;
  }

  /** Adds a node with `count` outputs; returns their names. */
  nodes(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
    domain = "",
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh(op));
    this.#nodes.push({ op, inputs, outputs, attributes, domain });
    for (const output of outputs) this.#produced.add(output);
    return outputs;
  }

  /** Makes a value an output of the graph, under `name`. */
  output(value: string, name: string, dims: Dims, type: ElementName = "float"): void {
    this.#outputs.push(valueInfo(name, dims, type));
    // What no node made, or what is an output already, cannot take another name.
    const own = this.#produced.has(value) && !this.#renamed.has(value);
    const source = own ? value : this.node("Identity", [value]);
    this.#renamed.set(source, name);
  }

  /** The ONNX file, with `metadata` as its `metadata_props`, in the order given. */
  encode(metadata: Readonly<Record<string, string>> = {}): Buffer {
    const model = new MessageWriter().int(1, irVersion).text(2, "fedbus");
    model.message(7, this.#graph(new Map()));
    for (const [domain, version] of Object.entries(opsets))
      model.message(8, new MessageWriter().text(1, domain).int(2, version));
    for (const [key, value] of Object.entries(metadata))
      model.message(14, new MessageWriter().text(1, key).text(2, value));
    return model.end();
  }

  #fresh(op: string): string {
    return `${this.#name}/${op}_${this.#count++}`;
  }

  /** `outer` are the values that have another name in the graphs around. */
  #graph(outer: ReadonlyMap<string, string>): MessageWriter {
    const names = new Map([...outer, ...this.#renamed]);
    const graph = new MessageWriter();
    for (const node of this.#nodes) graph.message(1, encodeNode(node, names));
    graph.text(2, this.#name);
    for (const constant of this.#constants) graph.message(5, constant);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    return graph;
  }

  /** A graph as an attribute: static, so that it reaches the private part of another instance. */
  static body(graph: GraphBuilder, names: ReadonlyMap<string, string>): MessageWriter {
    return graph.#graph(names);
  }
}

function encodeNode(node: Node, names: ReadonlyMap<string, string>): MessageWriter {
  const writer = new MessageWriter();
  for (const input of node.inputs) writer.text(1, names.get(input) ?? input);
  for (const output of node.outputs) writer.text(2, names.get(output) ?? output);
  writer.text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes))
    writer.message(5, encodeAttribute(name, value, names));
  return node.domain === "" ? writer : writer.text(7, node.domain);
}

/** Field 20 says in which of the others the value is. */
function encodeAttribute(
  name: string,
  value: Attribute,
  names: ReadonlyMap<string, string>,
): MessageWriter {
  const writer = new MessageWriter().text(1, name);
  if (typeof value === "number") return writer.int(3, value).int(20, 2);
  if (typeof value === "string") return writer.text(4, value).int(20, 3);
  if (value instanceof GraphBuilder)
    return writer.message(6, GraphBuilder.body(value, names)).int(20, 5);
  if ("float" in value) return writer.float(2, value.float).int(20, 1);
  if ("floats" in value) return writer.floats(7, value.floats).int(20, 6);
  if (!value.every((item) => typeof item === "string"))
    return writer.ints(8, value as readonly number[]).int(20, 7);
  for (const item of value) writer.text(9, item);
  return writer.int(20, value.length === 0 ? 7 : 8);
}

/** An input or output of a graph, as `ValueInfoProto`. */
export function valueInfo(name: string, dims: Dims, type: ElementName = "float"): MessageWriter {
  const shape = new MessageWriter();
  for (const dim of dims) {
    const size = new MessageWriter();
    shape.message(1, typeof dim === "number" ? size.int(1, dim) : size.text(2, dim));
  }
  const tensor = new MessageWriter().int(1, elementTypes[type]).message(2, shape);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
