import type { Predictor, Rows } from "../../../../../consumers/models/learners/learner.js";
import { GraphBuilder } from "../../../../../consumers/models/onnx/graph-builder.js";
import { ModelSession } from "../../../../../consumers/models/runtime/model-session.js";

/** The file that a predictor is published as, without metadata. */
export function exported(predictor: Predictor, width: number): Buffer {
  const graph = new GraphBuilder("model");
  const features = graph.input("features", ["N", width]);
  graph.output(predictor.addTo(graph, features), "prediction", ["N", predictor.outputs]);
  return graph.encode();
}

/** What the exported file predicts. */
export async function predictedByFile(predictor: Predictor, rows: Rows): Promise<Float32Array> {
  await using session = await ModelSession.open(exported(predictor, rows.width));
  return await session.run(new Float32Array(rows.values));
}
