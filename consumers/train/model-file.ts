import type { Rows } from "../models/learners/learner.js";
import { GraphBuilder } from "../models/onnx/graph-builder.js";
import { ModelSession } from "../models/runtime/model-session.js";
import { type Lineage, lineageKey } from "./lineage.js";
import type { Downsampling } from "./sampling.js";
import type { Candidate } from "./student.js";

/** How far a file may be from what it was made of: of probabilities, and of values beside their size. */
const toleranceMax = 1e-5;
/** Share of rows that may be in another cluster: those on a border. */
const borderShareMax = 0.01;

/**
 * The model as an ONNX file: a float input `features` [N, width], raw, NaN for what is missing; a float output
 * `prediction` [N, outputs]. Its number is not in it: that says how often there was a model before, and the same
 * events, options and seed must give the same file.
 */
export function encodeModel(
  { predictor, scaler }: Pick<Candidate, "predictor" | "scaler">,
  downsampling: Downsampling | undefined,
  lineage: Lineage,
): Buffer {
  const graph = new GraphBuilder(lineage.name);
  const features = graph.input("features", ["N", lineage.features.columns.length]);
  const scaled = scaler === undefined ? features : scaler.addTo(graph, features);
  const predicted = predictor.addTo(graph, scaled);
  const corrected = downsampling === undefined ? predicted : downsampling.addTo(graph, predicted);
  graph.output(corrected, "prediction", ["N", predictor.outputs]);
  const { version: _, ...told } = lineage;
  return graph.encode({ [lineageKey]: JSON.stringify(told) });
}

/** What is wrong with a file: it is loaded, and must say what the trainer says. Undefined: nothing. */
export async function problemOfFile(
  bytes: Buffer,
  { predictor, scaler, heldBack }: Candidate,
  downsampling: Downsampling | undefined,
): Promise<{ readonly reason: "not-finite" | "disagrees"; readonly message: string } | undefined> {
  const rows = scaler === undefined ? heldBack : standardised(heldBack, scaler);
  const expected = Float64Array.from(await predictor.predict(rows));
  downsampling?.correct(expected);
  await using session = await ModelSession.open(bytes);
  const given = await session.run(Float32Array.from(heldBack.values), heldBack.width);
  if (![...expected, ...given].every(Number.isFinite))
    return { reason: "not-finite", message: "a prediction is no finite number" };
  const apart = (at: number): number =>
    Math.abs(given[at]! - expected[at]!) / Math.max(1, Math.abs(expected[at]!));
  const wrong = expected.findIndex((_, at) => apart(at) > toleranceMax);
  if (given.length === expected.length && wrong < 0) return undefined;
  if (predictor.task === "clusters") {
    const elsewhere = expected.filter((cluster, at) => cluster !== given[at]).length;
    if (elsewhere <= borderShareMax * expected.length) return undefined;
  }
  return {
    reason: "disagrees",
    message: `the file says ${given[wrong]} where the trainer says ${expected[wrong]}`,
  };
}

function standardised(rows: Rows, scaler: NonNullable<Candidate["scaler"]>): Rows {
  const values = new Float64Array(rows.values.length);
  for (let from = 0; from < values.length; from += rows.width)
    scaler.transform(rows.values, from, values, from);
  return { ...rows, values };
}
