import { elementName } from "./element-types.js";
import { invalidModel } from "./invalid-model.js";
import { MessageReader } from "./message-reader.js";

/** A stored tensor, without its values. */
export interface TensorSummary {
  readonly name: string;
  /** Such as `float`; see `elementName`. */
  readonly type: string;
  readonly dims: readonly number[];
  /** What its values take in the file. */
  readonly bytes: number;
  /** Whether its values are, or may be, in another file. */
  readonly external: boolean;
}

/** Fields of `TensorProto` that hold values. */
const valueFields: readonly number[] = [4, 5, 6, 7, 9, 10, 11];

/** Reads a `TensorProto`. */
export function readTensor(content: Uint8Array): TensorSummary {
  let [name, type, bytes, external] = ["", 0, 0, false];
  const dims: number[] = [];
  const reader = new MessageReader(content);
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) dims.push(...reader.ints().map(Number));
    else if (field === 2) type = Number(reader.int());
    else if (field === 8) name = reader.text();
    else if (valueFields.includes(field)) bytes += reader.size;
    // Either of the two is enough: location EXTERNAL, or an entry that names a file.
    else if (field === 13) external = true;
    else if (field === 14 && reader.int() !== 0n) external = true;
  }
  return { name, type: elementName(type), dims, bytes, external };
}

/** Reads a `SparseTensorProto`: the tensor of its values and that of their places. */
export function readSparse(content: Uint8Array): TensorSummary[] {
  const tensors = new Map<number, TensorSummary>();
  const reader = new MessageReader(content);
  while (reader.next()) {
    if (reader.field !== 1 && reader.field !== 2) continue;
    // Protobuf would merge them, and what came out would not be what is seen here.
    if (tensors.has(reader.field)) throw invalidModel("a sparse tensor has two values");
    tensors.set(reader.field, readTensor(reader.bytes()));
  }
  return [...tensors.values()];
}
