import { MessageReader } from "../../consumers/models/onnx/message-reader.js";

/** The field of `ModelProto` that holds the graph. */
const graphField = 7;

/** Whether two ONNX files have the same graph and weights, whatever they say of themselves. */
export function isSameGraph(one: Uint8Array, other: Uint8Array): boolean {
  const [first, second] = [graphIn(one), graphIn(other)];
  return first !== undefined && second !== undefined && Buffer.compare(first, second) === 0;
}

function graphIn(bytes: Uint8Array): Uint8Array | undefined {
  const reader = new MessageReader(bytes);
  while (reader.next()) if (reader.field === graphField) return reader.bytes();
  return undefined;
}
