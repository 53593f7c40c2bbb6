import type { SchemaDefinition } from "../../schemas/index.js";

/** The topic of one kind of measurement. */
export function demoTopic(what: string): string {
  return `org.fedbus.demo.host.${what}`;
}

const bytes = { type: "integer", minimum: 0 };
const ratio = { type: "number", minimum: 0, maximum: 1 };
const amount = { type: "number", minimum: 0 };

/** What the demo publishes: one schema for each kind of measurement. */
export const demoSchemas: readonly SchemaDefinition[] = [
  describe("cpu", "How busy the processors were since the last event", {
    cores: { type: "integer", minimum: 1 },
    usage: ratio,
    user: ratio,
    system: ratio,
    idle: ratio,
  }),
  describe("memory", "The machine's memory, and this process's share", {
    total_bytes: bytes,
    free_bytes: bytes,
    used_ratio: ratio,
    process: object({ rss_bytes: bytes, heap_used_bytes: bytes }),
  }),
  describe("load", "Load averages, zero where the system has none", {
    load1: amount,
    load5: amount,
    load15: amount,
    uptime_s: { type: "integer", minimum: 0 },
  }),
  describe("disk", "The disk that holds the log", {
    total_bytes: bytes,
    free_bytes: bytes,
    used_ratio: ratio,
  }),
  describe("eventloop", "How late the hub's event loop was since the last event", {
    utilization: ratio,
    p50_ms: amount,
    p99_ms: amount,
    max_ms: amount,
  }),
];

type Properties = Readonly<Record<string, object>>;

function object(properties: Properties): Readonly<Record<string, unknown>> {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

function describe(what: string, description: string, properties: Properties): SchemaDefinition {
  return {
    name: `demo.host.${what}`,
    version: 1,
    topics: [demoTopic(what)],
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: `demo.host.${what}`,
      description,
      ...object({ host: { type: "string", minLength: 1 }, ...properties }),
    },
  };
}
