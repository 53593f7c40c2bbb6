import t from "tap";
import { decodeState, encodeState } from "../../../../consumers/models/learners/state-codec.js";

t.test("a learner's state comes back from JSON bit by bit", async (t) => {
  const state = {
    steps: 3,
    loss: "log",
    ready: true,
    layers: [2, 1],
    wide: Float64Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324),
    narrow: Float32Array.of(0.1, -1e38),
    empty: new Float64Array(),
  };
  const back = decodeState(JSON.parse(JSON.stringify(encodeState(state))));
  t.strictSame(back, state);
  const { wide } = back;
  t.ok(wide instanceof Float64Array && Object.is(wide[1], -0));
});

t.test("what no learner stored is refused", async (t) => {
  const short = Buffer.alloc(7).toString("base64");
  t.throws(() => decodeState({ w: { f64: short } }), { code: "STATE_CORRUPT" });
  t.throws(() => decodeState({ w: { f32: short } }), { code: "STATE_CORRUPT" });
  t.throws(() => decodeState({ w: {} as { f32: string } }), { code: "STATE_CORRUPT" });
});
