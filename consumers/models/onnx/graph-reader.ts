import { FedbusError } from "../../../schemas/errors.js";
import { invalidModel } from "./invalid-model.js";
import { MessageReader } from "./message-reader.js";
import { readSparse, readTensor, type TensorSummary } from "./tensor-reader.js";
import { readValue, type ValueSummary } from "./value-reader.js";

export interface GraphSummary {
  readonly name: string;
  /** What must be fed: inputs that have an initializer of the same name are not among them. */
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  readonly nodes: readonly NodeSummary[];
  /** Tensors stored with the graph, those inside sparse ones included. */
  readonly initializers: readonly TensorSummary[];
}

export interface NodeSummary {
  readonly op: string;
  /** "" is ONNX's own. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Graphs that are the node's own: the body of a loop, the branches of a condition. */
  readonly graphs: readonly GraphSummary[];
  /** Tensors among its attributes. */
  readonly tensors: readonly TensorSummary[];
}

/** How deep graphs may lie in each other. */
const depthMax = 16;

/** Nodes of a file, those of inner graphs included: past these, reading stops with MODEL_REFUSED. */
export const nodesReadMax = 200_000;

/** Reads a `GraphProto` and all graphs inside it. One reader for one file. */
export class GraphReader {
  #nodes = 0;
  #depth = 0;

  read(bytes: Uint8Array): GraphSummary {
    if (++this.#depth > depthMax) throw refused(`graphs lie more than ${depthMax} deep`);
    let name = "";
    const [inputs, outputs]: [ValueSummary[], ValueSummary[]] = [[], []];
    const nodes: NodeSummary[] = [];
    const initializers: TensorSummary[] = [];
    const reader = new MessageReader(bytes);
    while (reader.next()) {
      const { field } = reader;
      if (field === 1) nodes.push(this.#readNode(reader.bytes()));
      else if (field === 2) name = reader.text();
      else if (field === 5) initializers.push(readTensor(reader.bytes()));
      else if (field === 11) inputs.push(readValue(reader.bytes()));
      else if (field === 12) outputs.push(readValue(reader.bytes()));
      else if (field === 15) initializers.push(...readSparse(reader.bytes()));
    }
    this.#depth--;
    return { name, inputs: withoutDefaults(inputs, initializers), outputs, nodes, initializers };
  }

  #readNode(bytes: Uint8Array): NodeSummary {
    if (++this.#nodes > nodesReadMax) throw refused(`it has more than ${nodesReadMax} nodes`);
    const node = { op: "", domain: "", inputs: [] as string[], outputs: [] as string[] };
    const held: Held = { graphs: [], tensors: [] };
    const reader = new MessageReader(bytes);
    while (reader.next()) {
      if (reader.field === 1) node.inputs.push(reader.text());
      else if (reader.field === 2) node.outputs.push(reader.text());
      else if (reader.field === 4) node.op = reader.text();
      else if (reader.field === 5) this.#readAttribute(reader.bytes(), held);
      else if (reader.field === 7) node.domain = reader.text();
    }
    return { ...node, ...held };
  }

  /** Of an attribute only what can hold graphs or tensors is looked at. */
  #readAttribute(bytes: Uint8Array, held: Held): void {
    const once = new Set<number>();
    const reader = new MessageReader(bytes);
    while (reader.next()) {
      const { field } = reader;
      const single = field === 5 || field === 6 || field === 22;
      // Protobuf would merge them, and what came out would not be what is seen here.
      if (single && once.has(field)) throw invalidModel("an attribute has two values");
      if (single) once.add(field);
      if (field === 5 || field === 10) held.tensors.push(readTensor(reader.bytes()));
      else if (field === 6 || field === 11) held.graphs.push(this.read(reader.bytes()));
      else if (field === 22 || field === 23) held.tensors.push(...readSparse(reader.bytes()));
    }
  }
}

function withoutDefaults(
  inputs: readonly ValueSummary[],
  initializers: readonly TensorSummary[],
): ValueSummary[] {
  const given = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !given.has(name));
}

function refused(why: string): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${why}`);
}

interface Held {
  readonly graphs: GraphSummary[];
  readonly tensors: TensorSummary[];
}
