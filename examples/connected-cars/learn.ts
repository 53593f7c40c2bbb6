// Learns to tell from how a car moves whether it will be too fast in ten seconds.
import type { BusEvent } from "fedbus";
import { train } from "fedbus/consumers";
import type { Motion } from "./motion.js";

const aheadMs = 10_000;

export default train({
  name: "car-too-fast",
  version: "1.0",
  topics: ["car.motion"],
  features: [
    { path: "msg.kmh" },
    { path: "msg.gained" },
    { path: "msg.driver", encoder: { kind: "one-hot", max: 8 } },
  ],
  task: "binary",
  // Readings are labels too: each says of the one ten seconds before it what came of it.
  labelJoin: {
    topics: ["car.motion"],
    key: ["msg.car", "msg.at"],
    labelKey: ["msg.car", ({ msg }: BusEvent) => (msg as Motion).at - aheadMs],
    label: ({ msg }: BusEvent) => (msg as Motion).kmh > 60,
    withinMs: aheadMs,
  },
  model: "logistic",
  every: { rows: 1_000 },
  watermark: { time: ({ msg }) => (msg as Motion).at },
});
