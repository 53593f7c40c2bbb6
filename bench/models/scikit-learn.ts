import type { LabelledRows } from "../../consumers/models/learners/learner.js";
import type { SplitTable } from "./data/split-table.js";
import { type Python, pythonWith } from "./python.js";

/** Chances of class 1 for the rows to be judged by, and the processor's seconds that fitting took. */
export interface Fitted {
  readonly answers: Float64Array;
  readonly seconds: number;
}

/** The models that are compared with, as one writes them in Python. */
export const scikitModels = {
  gbdt: "HistGradientBoostingClassifier(early_stopping=False, min_samples_leaf=least)",
  logistic: "make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))",
  forest: "RandomForestClassifier(n_estimators=100, random_state=1, n_jobs=1)",
} as const;

export type ScikitModel = keyof typeof scikitModels;

const script = (models: readonly string[]) => `
import sys, time, struct
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
width, train, test, least, rounds = struct.unpack("<5I", sys.stdin.buffer.read(20))
read = lambda rows, columns: np.frombuffer(sys.stdin.buffer.read(8 * rows * columns)).reshape(rows, columns)
features, labels, judged = read(train, width), read(train, 1)[:, 0], read(test, width)
for make in [${models.map((model) => `lambda: ${model}`).join(", ")}]:
    best = float("inf")
    for _ in range(rounds):
        model = make()
        start = time.process_time()
        model.fit(features, labels)
        best = min(best, time.process_time() - start)
    print(best, model.predict_proba(judged)[:, 1].astype("<f8").tobytes().hex() if test else "")
`;

/** scikit-learn, and what exports its models. */
export function scikitLearn(): Promise<Python> {
  return pythonWith("scikit-learn", "skl2onnx");
}

/** Fits scikit-learn's models to the same rows; of several rounds, the time is the shortest one's. */
export async function fitScikit<Model extends ScikitModel>(
  python: Extract<Python, { run: unknown }>,
  models: readonly Model[],
  { train, test, minRows }: Omit<SplitTable, "name" | "columns">,
  rounds = 1,
): Promise<ReadonlyMap<Model, Fitted>> {
  const sizes = Uint32Array.of(train.width, train.count, test.count, minRows, rounds);
  const input = [sizes, train.values, train.labels, test.values].map(bytesOf);
  const texts = models.map((model) => scikitModels[model]);
  const lines = (await python.run(script(texts), Buffer.concat(input))).split("\n");
  return new Map(models.map((model, i) => [model, fittedOf(lines[i]!)]));
}

function fittedOf(line: string): Fitted {
  const [seconds, answers = ""] = line.trim().split(" ");
  const bytes = new Uint8Array(Buffer.from(answers, "hex"));
  return { seconds: Number(seconds), answers: new Float64Array(bytes.buffer) };
}

function bytesOf(values: Uint32Array | Float64Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** None: for times alone. */
export const noRows = (width: number): LabelledRows => ({
  width,
  count: 0,
  values: new Float64Array(0),
  labels: new Float64Array(0),
  weights: new Float64Array(0),
});
