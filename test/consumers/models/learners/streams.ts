import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import type {
  LabelledRows,
  LearnerState,
  OnlineKind,
  OnlineLearner,
  Shape,
} from "../../../../consumers/models/learners/learner.js";
import { decodeState, encodeState } from "../../../../consumers/models/learners/state-codec.js";
import { rowsOf } from "../trees/samples.js";

/** A learner of `kind`, opened at once. */
export function opened<Hyper extends object>(
  kind: OnlineKind<Hyper>,
  shape: Shape,
  given: Partial<Hyper> = {},
  state?: LearnerState,
): OnlineLearner {
  return kind.open(shape, completeHyper(kind, given), state) as OnlineLearner;
}

/** What comes back from a checkpoint. */
export function stored(state: LearnerState): LearnerState {
  return decodeState(JSON.parse(JSON.stringify(encodeState(state))));
}

/** Rows `from` to `to`. */
export function part(rows: LabelledRows, from: number, to: number): LabelledRows {
  return rowsOf(
    rows.width,
    rows.values.subarray(from * rows.width, to * rows.width),
    rows.labels.subarray(from, to),
    rows.weights.subarray(from, to),
  );
}

/** Learns all rows, in calls of `size`; what each row was predicted before it was learnt, if it is 1. */
export async function learnAll(
  learner: OnlineLearner,
  rows: LabelledRows,
  size = rows.count,
): Promise<OnlineLearner> {
  for (let from = 0; from < rows.count; from += size)
    await learner.learn(part(rows, from, Math.min(rows.count, from + size)));
  return learner;
}

/** What the learner answers to each row before it learns it. */
export async function prequential(
  learner: OnlineLearner,
  rows: LabelledRows,
): Promise<Float64Array> {
  const answers = new Float64Array(rows.count * learner.outputs);
  for (let row = 0; row < rows.count; row++) {
    const one = part(rows, row, row + 1);
    answers.set(await learner.predict(one), row * learner.outputs);
    await learner.learn(one);
  }
  return answers;
}

/** The chance that a row of class 1 has a higher answer than one of class 0. */
export function aucOf(labels: ArrayLike<number>, answers: ArrayLike<number>): number {
  const rows = Array.from(labels, (label, i) => ({ label, answer: answers[i]! }));
  rows.sort((a, b) => a.answer - b.answer);
  let ranks = 0;
  let ones = 0;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    while (to < rows.length && rows[to]!.answer === rows[from]!.answer) to++;
    const tied = rows.slice(from, to).filter(({ label }) => label === 1).length;
    ranks += (tied * (from + to + 1)) / 2;
    ones += tied;
  }
  return (ranks - (ones * (ones + 1)) / 2) / (ones * (rows.length - ones));
}
