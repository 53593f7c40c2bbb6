import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import {
  type Consumer,
  completeConfig,
  configOptions,
  type Destination,
  file,
  fileConfig,
  influx,
  influxConfig,
  postgres,
  postgresConfig,
  type SinkSpec,
  sink,
  webhook,
  webhookConfig,
} from "../../../consumers/index.js";
import { isFedbusError } from "../../../schemas/index.js";

interface Case {
  readonly schema: object;
  readonly to: (options: never) => Destination;
  /** The least that is needed, and every option that has no default. */
  readonly least: object;
  readonly more: object;
}

const http = { headers: { a: "b" }, allow: ["10.0.0.0/8"], ca: "PEM" };
const cases: Readonly<Record<string, Case>> = {
  webhook: {
    schema: webhookConfig,
    to: webhook,
    least: { url: "https://a.test", unsigned: true },
    more: http,
  },
  file: {
    schema: fileConfig,
    to: file,
    least: { dir: "/x" },
    more: { columns: { a: "/body/a" }, fileMs: 60_000 },
  },
  postgres: {
    schema: postgresConfig,
    to: postgres,
    least: { connection: "postgres://x", table: "t" },
    more: { schema: "s", columns: { a: { from: "/body/a", type: "text" }, b: "/id" }, key: ["a"] },
  },
  influx: {
    schema: influxConfig,
    to: influx,
    least: {
      url: "https://a.test",
      bucket: "b",
      fields: { a: { from: "/body/a", type: "float" } },
    },
    more: { ...http, org: "o", token: "t", tags: { b: "/id" }, uniqueTimestamps: true },
  },
};

function sinkOf({ schema, to }: Case): Consumer<unknown> {
  return sink({ name: "s", topics: ["#"], config: schema, to } as unknown as SinkSpec);
}

for (const [name, one] of Object.entries(cases)) {
  const consumer = sinkOf(one);
  const make = (config: unknown) =>
    consumer.create({ name: consumer.name, config, replay: false, logger: console }).close?.();

  t.test(`${name}: its configuration, completed, makes a destination`, async () => {
    await make(completeConfig(consumer, one.least));
    await make(completeConfig(consumer, { ...one.least, ...one.more }));
  });

  t.test(`${name}: what the schema refuses is named`, async (t) => {
    t.throws(() => completeConfig(consumer, {}), { code: "OPTIONS_INVALID" });
    t.throws(() => completeConfig(consumer, { ...one.least, colour: 1 }), {
      code: "OPTIONS_INVALID",
    });
  });

  t.test(`${name}: the page tells of every option`, async (t) => {
    const page = fileURLToPath(new URL("../../../../docs/sinks.md", import.meta.url));
    const text = await readFile(page, "utf8");
    for (const option of configOptions(one.schema as Record<string, unknown>)) {
      t.not(option.description, "", option.name);
      t.ok(text.includes(`\`${option.name}\``), option.name);
    }
  });
}

t.test("a configuration that passes the schema is still checked by the destination", async (t) => {
  const consumer = sinkOf(cases.webhook!);
  const config = completeConfig(consumer, { url: "https://a.test" });
  const thrown = (() => {
    try {
      consumer.create({ name: consumer.name, config, replay: false, logger: console });
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  t.ok(isFedbusError(thrown, "OPTIONS_INVALID"));
});
