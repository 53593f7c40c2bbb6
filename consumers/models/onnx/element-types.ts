/** The numbers that ONNX gives to the types of a tensor's elements (`TensorProto.DataType`). */
export const elementTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
} as const;

/** The name of a type of elements, as `onnx.helper` spells it. */
export type ElementName = keyof typeof elementTypes;

/** The name of a type's number; the rest (complex, 8 bits and fewer) is `type N`. */
export function elementName(type: number): string {
  const found = Object.entries(elementTypes).find(([, number]) => number === type);
  return found?.[0] ?? `type ${type}`;
}
