import t from "tap";
import { BinnedRows } from "../../../../consumers/models/trees/binned-rows.js";
import { binOf, cutsOf } from "../../../../consumers/models/trees/cuts.js";
import { randomOf, rowsOf } from "./samples.js";

t.test("cuts: few values get a bin each, cut half way between", async (t) => {
  const cuts = cutsOf(Float32Array.of(3, 1, 1, 7, Number.NaN, 3), 255);
  t.same([...cuts], [2, 5]);
  t.same(
    [1, 2, 2.5, 3, 5, 7, 100].map((value) => binOf(value, cuts)),
    [1, 1, 2, 2, 2, 3, 3],
  );
});

t.test("cuts: what is missing has a bin of its own, before all others", async (t) => {
  const cuts = cutsOf(Float32Array.of(1, 2), 255);
  t.equal(binOf(Number.NaN, cuts), 0);
  t.equal(binOf(Number.NEGATIVE_INFINITY, cuts), 0);
  t.equal(binOf(Number.POSITIVE_INFINITY, cuts), 2);
  t.same([...cutsOf(Float32Array.of(Number.NaN), 255)], []);
  t.same([...cutsOf(new Float32Array(0), 255)], []);
});

t.test(
  "cuts: a cut is below the value behind it even where single precision has nothing between",
  async (t) => {
    const next = Math.fround(1 + 2 ** -23);
    t.same([...cutsOf(Float32Array.of(1, next), 255)], [1]);
    t.same([...cutsOf(Float32Array.of(1, Number.POSITIVE_INFINITY), 255)], [1]);
  },
);

t.test("cuts: many values are cut at their quantiles", async (t) => {
  const next = randomOf(1);
  const sample = Float32Array.from({ length: 10_000 }, () => next() ** 3);
  const cuts = cutsOf(sample, 16);
  t.equal(cuts.length, 15);
  const sizes = new Array(17).fill(0);
  for (const value of sample) sizes[binOf(value, cuts)]++;
  t.equal(sizes[0], 0);
  t.ok(
    sizes.slice(1).every((size) => Math.abs(size - 625) <= 1),
    String(sizes),
  );
});

t.test("cuts: a value that most rows have is cut off once", async (t) => {
  const sample = Float32Array.from({ length: 1_000 }, (_, i) => (i < 900 ? 0 : i));
  const cuts = cutsOf(sample, 10);
  t.same([...cuts], [450]);
});

t.test("binned rows: bins are counted over all columns, and thresholds come back", async (t) => {
  const rows = rowsOf(2, [1, 5, 2, Number.NaN, 3, 6], [0, 0, 0]);
  const binned = await BinnedRows.of(rows, 255);
  t.same([...binned.first], [0, 4, 7]);
  t.equal(binned.total, 7);
  t.same([...binned.bins], [1, 5, 2, 4, 3, 6]);
  t.equal(binned.threshold(0, 2), 2.5);
  t.equal(binned.threshold(1, 4), Number.NEGATIVE_INFINITY);
  t.equal(binned.threshold(1, 5), 5.5);
});
