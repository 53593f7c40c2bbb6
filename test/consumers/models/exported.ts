import type { Predictor, Rows } from "../../../consumers/models/learners/learner.js";
import { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";

const onnxruntime = await import("onnxruntime-node").catch(() => undefined);

/** Why tests that run exported files are left out, or false: ONNX Runtime is optional. */
export const withoutOnnxRuntime: string | false =
  onnxruntime === undefined ? "onnxruntime-node is not installed" : false;

/** The ONNX file of a model over `width` features. */
export function fileOf(predictor: Predictor, width: number): Buffer {
  const graph = new GraphBuilder("model");
  const output = predictor.addTo(graph, graph.input("features", ["N", width]));
  graph.output(output, "prediction", ["N", predictor.outputs]);
  return graph.encode();
}

/** What ONNX Runtime answers with a model's file. */
export async function runExported(predictor: Predictor, rows: Rows): Promise<Float32Array> {
  const { InferenceSession, Tensor } = onnxruntime!;
  const session = await InferenceSession.create(fileOf(predictor, rows.width), {
    intraOpNumThreads: 1,
  });
  const values = Float32Array.from(rows.values.subarray(0, rows.count * rows.width));
  const features = new Tensor("float32", values, [rows.count, rows.width]);
  const { prediction } = await session.run({ features });
  await session.release();
  return prediction!.data as Float32Array;
}

/** The largest difference, as a share of the larger of 1 and the number that is right. */
export function worstDifference(right: ArrayLike<number>, other: ArrayLike<number>): number {
  if (right.length !== other.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < right.length; i++) {
    const difference = Math.abs(right[i]! - other[i]!) / Math.max(1, Math.abs(right[i]!));
    // Not Math.max: NaN is the worst of all.
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

/** How far ONNX Runtime is from the model itself. */
export async function parityOf(predictor: Predictor, rows: Rows): Promise<number> {
  return worstDifference(await predictor.predict(rows), await runExported(predictor, rows));
}
