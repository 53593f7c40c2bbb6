import type { BusEvent } from "fedbus";
import type { Feature, TrainSpec } from "fedbus/consumers";
import { spans } from "./trails.js";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const features: readonly Feature[] = [
  ...["amount", "night", "weekend"],
  ...["card", "terminal"].flatMap((name) =>
    spans.flatMap(({ days }) => [`${name}Count${days}`, `${name}Mean${days}`]),
  ),
].map((name) => ({ path: `msg.${name}` }));

/** What both models have in common: a fraud is known a week later, if at all; each day there is a new model. */
export const study = {
  version: "1.0",
  topics: ["card.enriched"],
  features,
  task: "binary",
  labelJoin: {
    topics: ["card.confirmed"],
    key: "msg.tx",
    label: () => true,
    withinMs: 7 * dayMs + hourMs,
    absent: false, // nobody has complained
  },
  every: { ms: dayMs },
  watermark: { time: ({ msg }: BusEvent) => (msg as { readonly at: number }).at },
} as const satisfies Partial<TrainSpec>;
