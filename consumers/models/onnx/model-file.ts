import { GraphReader, type GraphSummary } from "./graph-reader.js";
import { invalidModel } from "./invalid-model.js";
import { MessageReader } from "./message-reader.js";

/** What an ONNX file says about itself, without its weights. */
export interface ModelFile {
  readonly irVersion: number;
  /** The tool that wrote it, such as `skl2onnx` or `pytorch`; "" where it does not say. */
  readonly producer: string;
  /** Version by domain; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: GraphSummary;
  /** Functions that the file defines itself. */
  readonly functions: number;
  /** Graphs for training that it brings along. */
  readonly trainingGraphs: number;
}

/**
 * Reads an ONNX file (IR 3 to 13, `onnx.proto`) from bytes of any origin: nothing is run, no other
 * file is opened, and weights are not copied. Throws MODEL_INVALID for what is no such file.
 */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const file = new FileReader();
  const reader = new MessageReader(bytes);
  while (reader.next()) file.take(reader);
  return file.end();
}

class FileReader {
  #irVersion = 0;
  #producer = "";
  readonly #opsets = new Map<string, number>();
  readonly #metadata = new Map<string, string>();
  #graph: GraphSummary | undefined;
  #functions = 0;
  #trainingGraphs = 0;

  take(reader: MessageReader): void {
    if (reader.field === 1) this.#irVersion = Number(reader.int());
    else if (reader.field === 2) this.#producer = reader.text();
    else if (reader.field === 7) this.#takeGraph(reader.bytes());
    else if (reader.field === 8) this.#takeOpset(new MessageReader(reader.bytes()));
    else if (reader.field === 14) this.#takeMetadata(new MessageReader(reader.bytes()));
    else if (reader.field === 20) this.#trainingGraphs++;
    else if (reader.field === 25) this.#functions++;
  }

  end(): ModelFile {
    if (this.#graph === undefined) throw invalidModel("it has no graph");
    return {
      irVersion: this.#irVersion,
      producer: this.#producer,
      opsets: this.#opsets,
      metadata: this.#metadata,
      graph: this.#graph,
      functions: this.#functions,
      trainingGraphs: this.#trainingGraphs,
    };
  }

  /** Protobuf would merge two graphs into one; nobody writes that, so it can only be a trick. */
  #takeGraph(bytes: Uint8Array): void {
    if (this.#graph !== undefined) throw invalidModel("it has two graphs");
    this.#graph = new GraphReader().read(bytes);
  }

  #takeOpset(reader: MessageReader): void {
    let domain = "";
    let version = 0;
    while (reader.next()) {
      if (reader.field === 1) domain = reader.text();
      else if (reader.field === 2) version = Number(reader.int());
    }
    this.#opsets.set(domain, version);
  }

  #takeMetadata(reader: MessageReader): void {
    let key = "";
    let value = "";
    while (reader.next()) {
      if (reader.field === 1) key = reader.text();
      else if (reader.field === 2) value = reader.text();
    }
    this.#metadata.set(key, value);
  }
}
