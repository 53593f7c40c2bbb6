/** A reason to skip where ONNX Runtime is not installed; it is optional. */
export const withoutRuntime: string | false = await import("onnxruntime-node").then(
  () => false as const,
  () => "onnxruntime-node is not installed",
);
