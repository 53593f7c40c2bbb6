// Learns to tell from an hour by how much the next one will differ; every six hours there is a new model.
import { train } from "fedbus/consumers";
import { endOf, hourBefore, hourOf } from "./hours.js";

const hourMs = 3_600_000;

export default train({
  name: "machine-heat",
  version: "1.0",
  topics: ["machine.hour"],
  features: [
    ...["mean", "min", "max", "stddev", "change"].map((name) => ({ path: `msg.${name}` })),
    { path: "msg.window.end", encoder: { kind: "time", parts: ["hour"] } },
  ],
  // The label is an hour too: each says what the one before it should have predicted.
  labelJoin: {
    topics: ["machine.hour"],
    key: hourOf,
    labelKey: hourBefore,
    label: "msg.change",
    withinMs: hourMs,
  },
  model: "linear",
  every: { ms: 6 * hourMs },
  minRows: 512,
  watermark: { time: endOf },
});
