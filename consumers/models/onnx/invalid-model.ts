import { FedbusError } from "../../../schemas/errors.js";

/** For bytes that are no ONNX file, whatever else they are. */
export function invalidModel(why: string): FedbusError {
  return new FedbusError("MODEL_INVALID", `the bytes are no ONNX model: ${why}`);
}
