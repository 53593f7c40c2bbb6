import t from "tap";
import { BinnedRows } from "../../../../consumers/models/trees/binned-rows.js";
import { type GrowLimits, TreeGrower } from "../../../../consumers/models/trees/grower.js";
import type { GrownTree } from "../../../../consumers/models/trees/grown-tree.js";
import { columnsUpTo } from "../../../../consumers/models/trees/sampling.js";
import { SeededRandom } from "../../../../consumers/runner/random.js";
import { randomOf, rowsOf } from "./samples.js";

const unlimited: GrowLimits = {
  maxLeaves: 1_000,
  maxDepth: 0,
  minRows: 1,
  minHessian: 0,
  l2: 0,
  minGain: 0,
  shrinkage: 1,
};

/** Grows one tree to the labels: gradients from 0, hessians 1. */
async function grown(
  width: number,
  values: readonly number[],
  labels: readonly number[],
  limits: Partial<GrowLimits> = {},
) {
  const rows = await BinnedRows.of(rowsOf(width, values, labels), 255);
  const leaves: { value: number; rows: number[] }[] = [];
  const order = columnsUpTo(labels.length);
  const tree = new TreeGrower(rows, { ...unlimited, ...limits }, new SeededRandom()).grow(
    {
      gradients: Float64Array.from(labels, (label) => -label),
      hessians: new Float64Array(labels.length).fill(1),
    },
    order,
    columnsUpTo(width),
    (value, from, to) => leaves.push({ value, rows: [...order.subarray(from, to)] }),
  );
  return { tree, rows, leaves };
}

function leavesOf(tree: GrownTree): number {
  return tree.left.filter((child) => child === 0).length;
}

/** How much the best split of these rows lowers the squared error, times two: every column, every value. */
function bestGain(
  width: number,
  values: readonly number[],
  labels: readonly number[],
  minRows: number,
) {
  const score = (part: readonly number[]) =>
    part.reduce((sum, label) => sum + label, 0) ** 2 / part.length;
  let best = 0;
  const cell = (row: number, column: number) => values[row * width + column]!;
  for (let column = 0; column < width; column++)
    for (const threshold of [-1, 0, 1, 2, 3, 4, 5, 6, 7]) {
      // Missing values go left of all thresholds.
      const right = labels.filter((_, row) => cell(row, column) > threshold);
      const left = labels.filter((_, row) => !(cell(row, column) > threshold));
      if (left.length < minRows || right.length < minRows) continue;
      best = Math.max(best, score(left) + score(right) - score(labels));
    }
  return best;
}

t.test("grower: the first split is the best of all, by enumeration", async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = randomOf(seed);
    const count = 2 + Math.floor(next() * 30);
    const width = 1 + Math.floor(next() * 3);
    const minRows = 1 + Math.floor(next() * 3);
    const values = Array.from({ length: count * width }, () =>
      next() < 0.1 ? Number.NaN : Math.floor(next() * 8),
    );
    const labels = Array.from({ length: count }, () => Math.floor(next() * 5));
    const { leaves } = await grown(width, values, labels, { maxLeaves: 2, minRows });
    const error = (parts: readonly { value: number; rows: number[] }[]) =>
      parts.reduce((sum, { value, rows }) => sum + value ** 2 * rows.length, 0);
    const mean = labels.reduce((sum, label) => sum + label, 0) / count;
    const gained = error(leaves) - mean ** 2 * count;
    const best = bestGain(width, values, labels, minRows);
    // Leaves' values are single-precision.
    t.ok(Math.abs(gained - best) < 1e-4, `seed ${seed}: ${gained} against ${best}`);
  }
});

t.test(
  "grower: without limits every row with values of its own is in a leaf of its own",
  async (t) => {
    const next = randomOf(5);
    const labels = Array.from({ length: 200 }, next);
    const { tree, rows, leaves } = await grown(
      1,
      labels.map((label) => 3 * label),
      labels,
    );
    t.equal(leavesOf(tree), 200);
    t.equal(leaves.length, 200);
    for (const [row, label] of labels.entries())
      t.equal(tree.valueOf(rows.bins, row, 1), Math.fround(label));
  },
);

t.test("grower: rows of each leaf are told, each row once", async (t) => {
  const next = randomOf(6);
  const labels = Array.from({ length: 300 }, next);
  const values = Array.from({ length: 900 }, () => Math.floor(next() * 20));
  const { tree, rows, leaves } = await grown(3, values, labels, { maxLeaves: 9 });
  t.equal(leavesOf(tree), 9);
  t.same(
    leaves.flatMap((leaf) => leaf.rows).sort((a, b) => a - b),
    [...labels.keys()],
  );
  for (const leaf of leaves) {
    for (const row of leaf.rows) t.equal(tree.valueOf(rows.bins, row, 3), leaf.value);
    const mean = leaf.rows.reduce((sum, row) => sum + labels[row]!, 0) / leaf.rows.length;
    t.ok(Math.abs(leaf.value - mean) < 1e-6, "a leaf answers its rows' mean");
  }
});

t.test("grower: keeps to its limits", async (t) => {
  const next = randomOf(7);
  const labels = Array.from({ length: 400 }, next);
  const values = Array.from({ length: 800 }, next);
  t.equal(leavesOf((await grown(2, values, labels, { maxLeaves: 2 })).tree), 2);
  const flat = await grown(2, values, labels, { maxDepth: 3 });
  t.equal(leavesOf(flat.tree), 8, "three levels have eight leaves");
  const wide = await grown(2, values, labels, { minRows: 40 });
  t.ok(wide.leaves.length > 1);
  t.ok(wide.leaves.every(({ rows }) => rows.length >= 40));
  t.equal(leavesOf((await grown(2, values, labels, { minGain: 1e9 })).tree), 1);
  t.equal(
    leavesOf(
      (
        await grown(
          2,
          values,
          labels.map(() => 1),
        )
      ).tree,
    ),
    1,
    "nothing to learn",
  );
  const shrunk = await grown(2, values, labels, { maxLeaves: 1, l2: 400 });
  const plain = await grown(2, values, labels, { maxLeaves: 1 });
  t.ok(Math.abs(shrunk.leaves[0]!.value - plain.leaves[0]!.value / 2) < 1e-6);
});

t.test("grower: grows the leaf that gains most first", async (t) => {
  //  value   1   2   3   4
  //  label   0   1  10  90   the first split is at 3, the next at 2 | 3
  const { leaves } = await grown(1, [1, 2, 3, 4], [0, 1, 10, 90], { maxLeaves: 3 });
  t.same(
    leaves.map(({ rows }) => rows).sort((a, b) => a[0]! - b[0]!),
    [[0, 1], [2], [3]],
  );
});

t.test("grower: splits missing values off by a threshold that nothing is below", async (t) => {
  const { tree, rows } = await grown(1, [Number.NaN, 1, 2, Number.NaN], [5, 0, 0, 5], {
    maxLeaves: 2,
  });
  t.equal(tree.thresholds[0], Number.NEGATIVE_INFINITY);
  t.same(
    [0, 1, 2, 3].map((row) => tree.valueOf(rows.bins, row, 1)),
    [5, 0, 0, 5],
  );
});
