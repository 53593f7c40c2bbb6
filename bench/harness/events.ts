import type { Outgoing } from "../../bus/index.js";
import type { SchemaDefinition } from "../../schemas/index.js";
import { monotonicUs } from "./monotonic.js";

/** The body of every event: with its envelope, about 190 bytes. */
export interface Reading {
  readonly sensor: number;
  readonly celsius: number;
  readonly ok: boolean;
  /** When it was published, microseconds on the monotonic clock. */
  readonly at: number;
}

const topics = ["hall", "roof", "cellar", "office", "garden"].map(
  (room) => `org.example.bench.${room}.reading`,
);

export const readingSchema: SchemaDefinition = {
  name: "bench-reading",
  version: 1,
  topics: ["org.example.bench.*.reading"],
  schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      sensor: { type: "integer", minimum: 0, maximum: 999 },
      celsius: { type: "number", minimum: -90, maximum: 60 },
      ok: { type: "boolean" },
      at: { type: "number" },
    },
    required: ["sensor", "celsius", "ok"],
    additionalProperties: false,
  },
};

/** The `index`th event; `at` defaults to a time long ago. */
export function readingAt(index: number, at = 1_000_000 + index): Outgoing {
  const msg: Reading = {
    sensor: index % 1000,
    celsius: (index % 400) / 10,
    ok: index % 7 !== 0,
    at: Math.round(at),
  };
  return { topic: topics[index % topics.length]!, msg };
}

export function readingsFrom(start: number, count: number): Outgoing[] {
  return Array.from({ length: count }, (_, step) => readingAt(start + step));
}

/** How long something published at `at` has been on its way, in microseconds. */
export function ageUs(reading: Reading): number {
  return monotonicUs() - reading.at;
}
