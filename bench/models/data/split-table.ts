import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { LabelledRows } from "../../../consumers/models/learners/learner.js";
import { SeededRandom } from "../../../consumers/runner/random.js";
import { realData } from "../../../test/real-data.js";

/** Rows to learn from and rows to judge by, with the same columns. */
export interface SplitTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly train: LabelledRows;
  readonly test: LabelledRows;
  /** Rows that a leaf of a boosted tree must have at least: more where one class is rare. */
  readonly minRows: number;
}

export type CsvRow = Readonly<Record<string, string>>;

/** A row's features, and whether it is what is to be told. */
export interface Case {
  readonly features: readonly number[];
  readonly label: number;
}

/** The rows of a file of real data, by the names of its columns. */
export async function csvRows(
  path: string,
  columns: true | readonly string[] = true,
): Promise<CsvRow[]> {
  const text = await readFile(join(realData, path), "utf8");
  return parse(text, { bom: true, columns: columns as true, relax_column_count: true });
}

/** A column for each value that `name` has in any of the rows, 1 where it is the row's own. */
export function oneHot(rows: readonly CsvRow[], name: string): (row: CsvRow) => number[] {
  const values = [...new Set(rows.map((row) => row[name]))].sort();
  return (row) => values.map((value) => (row[name] === value ? 1 : 0));
}

/** Seven rows in ten, drawn by a fixed seed, to learn from; in their order. For rows that no time orders. */
export function drawnSplit(cases: readonly Case[]): { train: LabelledRows; test: LabelledRows } {
  const random = new SeededRandom();
  random.seed(2026, 1);
  const drawn = cases.map(() => random.next() < 0.7);
  return {
    train: rowsOf(cases.filter((_, row) => drawn[row])),
    test: rowsOf(cases.filter((_, row) => !drawn[row])),
  };
}

export function rowsOf(cases: readonly Case[]): LabelledRows {
  return {
    width: cases[0]?.features.length ?? 0,
    count: cases.length,
    values: Float64Array.from(cases.flatMap(({ features }) => features)),
    labels: Float64Array.from(cases, ({ label }) => label),
    weights: new Float64Array(cases.length).fill(1),
  };
}
