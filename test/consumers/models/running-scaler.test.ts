import fc from "fast-check";
import t from "tap";
import { RunningScaler } from "../../../consumers/models/features/running-scaler.js";
import { decodeState, encodeState } from "../../../consumers/models/learners/state-codec.js";
import { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";
import { ModelSession } from "../../../consumers/models/runtime/model-session.js";
import { assertProperty } from "../../schemas/property.js";

const number = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN));
const column = fc.array(number, { minLength: 1, maxLength: 50 });

function scaled(scaler: RunningScaler, row: readonly number[]): number[] {
  const out = new Float64Array(row.length);
  scaler.transform(Float64Array.from(row), 0, out, 0);
  return [...out];
}

t.test(
  "scaler: standardises by mean and deviation of what is there, and goes on from what was stored",
  async () => {
    assertProperty(
      fc.property(column, number, fc.nat(50), (values, value, stop) => {
        let scaler = new RunningScaler([true, false]);
        for (const [index, one] of values.entries()) {
          scaler.observe(Float64Array.of(one, one), 0);
          if (index === stop)
            scaler = new RunningScaler(
              [true, false],
              decodeState(JSON.parse(JSON.stringify(encodeState(scaler.save())))),
            );
        }
        const known = values.filter((one) => !Number.isNaN(one));
        const mean = known.reduce((sum, one) => sum + one, 0) / Math.max(1, known.length);
        const variance = known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / known.length;
        const deviation = variance > 1e-12 * mean * mean ? Math.sqrt(variance) : undefined;
        const [standard, raw] = scaled(scaler, [value, value]);
        if (!Object.is(raw, value)) return false;
        if (Number.isNaN(value)) return standard === 0;
        // What hardly differs is known to rounding only.
        if (deviation === undefined || known.length === 0) return Math.abs(standard!) <= 10;
        const expected = Math.min(10, Math.max(-10, (value - mean) / deviation));
        return Math.abs(standard! - expected) < 1e-6;
      }),
    );
  },
);

t.test("scaler: its nodes give the same, also for large values that hardly differ", async (t) => {
  const columns = [true, true, false, true];
  const scaler = new RunningScaler(columns);
  const rows = Array.from({ length: 500 }, (_, index) => [
    // Times of one day as ms since 1970, as 32-bit floats have them.
    Math.fround(1.7e12 + index * 172_800),
    index % 7 === 0 ? Number.NaN : Math.fround(Math.sin(index)),
    index % 5 === 0 ? Number.NaN : index,
    4,
  ]);
  for (const row of rows) scaler.observe(Float64Array.from(row), 0);
  for (const every of [columns, [true, true, true, true]]) {
    const made = every === columns ? scaler : new RunningScaler(every);
    if (made !== scaler) for (const row of rows) made.observe(Float64Array.from(row), 0);
    const graph = new GraphBuilder("scaler");
    const input = graph.input("features", ["N", 4]);
    graph.output(made.addTo(graph, input), "prediction", ["N", 4]);
    await using session = await ModelSession.open(graph.encode());
    const given = [...rows, [0, 1e9, Number.NaN, -1e9]];
    const said = await session.run(Float32Array.from(given.flat()));
    const expected = given.flatMap((row) => scaled(made, row));
    const worst = expected.reduce((most, value, at) => {
      if (Number.isNaN(value)) return Number.isNaN(said[at]) ? most : Number.POSITIVE_INFINITY;
      return Math.max(most, Math.abs(said[at]! - value) / Math.max(1, Math.abs(value)));
    }, 0);
    t.ok(worst < 2e-6, `largest difference ${worst}`);
  }
});
