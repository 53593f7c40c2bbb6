import type {
  LabelledRows,
  OnlineKind,
  OnlineLearner,
  Rows,
} from "../../../consumers/models/learners/learner.js";

/** A row as a learner got it. */
export interface LearntRow {
  readonly values: readonly number[];
  readonly label: number;
  readonly weight: number;
}

/** A kind that notes each row in `rows`, and says `says` of it. */
export function recordingKind(
  rows: LearntRow[],
  says: (values: readonly number[]) => number = () => 0,
): OnlineKind<object> {
  return {
    name: "recording",
    tasks: ["regression", "binary", "anomaly"],
    scaled: false,
    hyper: {},
    defaults: {},
    open: ({ task }) =>
      ({
        ...{ task, outputs: 1, stepRows: 1 },
        predict: (given: Rows) =>
          Float64Array.from({ length: given.count }, (_, row) => says(valuesOf(given, row))),
        learn: (given: LabelledRows) => {
          for (let row = 0; row < given.count; row++) {
            const [label, weight] = [given.labels[row]!, given.weights[row]!];
            rows.push({ values: valuesOf(given, row), label, weight });
          }
        },
        save: () => ({}),
        addTo: () => {
          throw new Error("nobody publishes this");
        },
      }) as OnlineLearner,
  };
}

function valuesOf({ values, width }: Rows, row: number): readonly number[] {
  return [...values.subarray(row * width, (row + 1) * width)];
}
