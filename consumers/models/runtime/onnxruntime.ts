import type { InferenceSession } from "onnxruntime-node";
import { FedbusError } from "../../../schemas/errors.js";

export type { InferenceSession };

/** What fedbus uses of ONNX Runtime. */
export type Runtime = Pick<
  typeof import("onnxruntime-node"),
  "InferenceSession" | "Tensor" | "env"
>;

/**
 * ONNX Runtime, loaded when it is first needed: it is an optional package with native code, and all else
 * works without it. Rejects with MODEL_RUNTIME_MISSING.
 */
export async function loadRuntime(): Promise<Runtime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const { platform, arch } = process;
    throw new FedbusError(
      "MODEL_RUNTIME_MISSING",
      `models need onnxruntime-node, which does not load here (${platform} ${arch})`,
      { details: { package: "onnxruntime-node", platform, arch }, cause },
    );
  }
}

/** The version that lineage names. Rejects with MODEL_RUNTIME_MISSING. */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime();
  return env.versions.node ?? env.versions.common;
}
