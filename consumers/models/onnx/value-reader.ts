import { elementName } from "./element-types.js";
import { invalidModel } from "./invalid-model.js";
import { MessageReader } from "./message-reader.js";

/** Kinds of values, by the field of `TypeProto` that says it. */
const kinds: Readonly<Record<number, ValueSummary["kind"]>> = {
  1: "tensor",
  4: "sequence",
  5: "map",
  7: "opaque",
  8: "sparse tensor",
  9: "optional",
};

/** An input or output of a graph. */
export interface ValueSummary {
  readonly name: string;
  readonly kind:
    | "tensor"
    | "sequence"
    | "map"
    | "opaque"
    | "sparse tensor"
    | "optional"
    | "unknown";
  /** Type of a tensor's elements, such as `float`; "" for what is no tensor. */
  readonly type: string;
  /** A tensor's sizes, a name or "" for what is open; absent where not even their number is said. */
  readonly dims?: readonly (number | string)[];
}

/** Reads a `ValueInfoProto`. */
export function readValue(bytes: Uint8Array): ValueSummary {
  let name = "";
  let type: Omit<ValueSummary, "name"> | undefined;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) type = once(type, readType(reader.bytes()));
  }
  return { name, ...(type ?? { kind: "unknown", type: "" }) };
}

function readType(bytes: Uint8Array): Omit<ValueSummary, "name"> {
  let type: Omit<ValueSummary, "name"> | undefined;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    const kind = kinds[reader.field];
    if (kind === "tensor") type = once(type, readTensorType(reader.bytes()));
    else if (kind !== undefined) type = once(type, { kind, type: "" });
  }
  return type ?? { kind: "unknown", type: "" };
}

function readTensorType(bytes: Uint8Array): Omit<ValueSummary, "name"> {
  let type = 0;
  let dims: (number | string)[] | undefined;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) type = Number(reader.int());
    else if (reader.field === 2) dims = once(dims, readShape(reader.bytes()));
  }
  const known = { kind: "tensor", type: elementName(type) } as const;
  return dims === undefined ? known : { ...known, dims };
}

function readShape(bytes: Uint8Array): (number | string)[] {
  const dims: (number | string)[] = [];
  const reader = new MessageReader(bytes);
  while (reader.next()) if (reader.field === 1) dims.push(readDim(reader.bytes()));
  return dims;
}

function readDim(bytes: Uint8Array): number | string {
  let dim: number | string = "";
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) dim = Number(reader.int());
    else if (reader.field === 2) dim = reader.text();
  }
  return dim;
}

/** Protobuf would merge two of them, and what came out would not be what is seen here. */
function once<Value>(before: Value | undefined, value: Value): Value {
  if (before !== undefined) throw invalidModel("a value has two types");
  return value;
}
