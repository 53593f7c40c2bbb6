import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Test, test } from "tap";
import { type Bus, openBus, silentLogger } from "../../../bus/index.js";
import { boundedFeed, Runner, StateStore } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import type { ServeSpec } from "../../../consumers/serve/serve-options.js";
import { outcomeOf } from "../over-log.js";
import { linearFile, promote, publish, put } from "./models.js";

const options = { name: "scores", topics: ["in"], model: "demo", output: "scored" };

function file(bias: number, version: number): Buffer {
  return linearFile({ task: "regression", weights: [1, 0], bias, version });
}

function rows(...values: number[]) {
  return values.map((x) => ({ topic: "in", msg: { x, y: 0, id: `e${x}` } }));
}

interface Serving {
  readonly bus: Bus;
  readonly warned: readonly string[];
  /** Serves what has been published since, and gives all that was put out from there on. */
  life(spec?: Partial<ServeSpec>): Promise<readonly [topic: string, msg: unknown][]>;
  /** Damages, removes or puts back the file of a model. */
  spoil(sha256: string): Promise<void>;
  remove(sha256: string): Promise<void>;
}

/** A consumer over a log on disk, in one life after the other. */
async function serving(t: Test): Promise<Serving> {
  const dir = t.testdir();
  const bus = await openBus({ dir: join(dir, "log") });
  const store = await StateStore.open(join(dir, "state"), { durable: false });
  t.teardown(async () => {
    await store.close();
    await bus.close();
  });
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warned.push(text) };
  let told = 0;
  const pathOf = (sha256: string): string => join(dir, "log", "blobs", sha256);
  return {
    bus,
    warned,
    life: async (spec = {}) => {
      const { source, blobs } = bus;
      const feed = boundedFeed(source, (await source.info()).head);
      const consumer = serve({ ...options, ...spec });
      await new Runner({ consumer, config: {}, store, source, blobs, feed, logger }).run();
      const { outputs } = await outcomeOf(store);
      const made = outputs.slice(told).map(({ topic, msg }) => [topic, msg] as [string, unknown]);
      told = outputs.length;
      return made;
    },
    spoil: (sha256) => writeFile(pathOf(sha256), "damaged"),
    remove: (sha256) => rm(pathOf(sha256)),
  };
}

test("restart: without the files of the model before and of the candidate, it serves", async (t) => {
  const { bus, life, spoil, remove, warned } = await serving(t);
  const previous = await promote(bus, "demo", file(1, 1));
  const active = await promote(bus, "demo", file(2, 2), 2);
  const candidate = await put(bus, file(3, 3));
  await publish(bus, [{ topic: "models.demo.trained", msg: { sha256: candidate, version: 3 } }]);
  await publish(bus, rows(1));
  const outcomes = { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 };
  const spec = { id: "msg.id", outcomes, canary: { share: 0.000_01 }, rollback: {} };
  t.match((await life(spec)).at(-1), ["scored", { output: 3, sha256: active }]);
  await remove(previous);
  await spoil(candidate);
  await publish(bus, rows(2));
  const refused = "models.demo.refused";
  t.match(await life(spec), [
    [
      refused,
      { role: "previous", sha256: previous, version: 1, code: "BLOB_NOT_FOUND", offset: 4 },
    ],
    [refused, { role: "candidate", sha256: candidate, code: "BLOB_CORRUPT" }],
    ["models.demo.canary", { state: "ended", sha256: candidate, reason: "failed" }],
    ["scored", { output: 4, sha256: active }],
  ]);
  t.match(warned, [/^the previous model demo@1 is refused: /, /^the candidate model demo@3 /]);
  await publish(bus, rows(3));
  t.match(await life(spec), [["scored", { output: 5 }]], "that was told, and is over");
});

test("restart: without the file of the model that answers, events wait until it is back", async (t) => {
  const { bus, life, remove, warned } = await serving(t);
  const active = await promote(bus, "demo", file(1, 1));
  await publish(bus, rows(1));
  await life();
  await remove(active);
  await publish(bus, rows(2));
  const lost = { role: "active", sha256: active, version: 1, code: "BLOB_NOT_FOUND", offset: 2 };
  const remedy = /fedbus model import.*start the consumer again.*fedbus model promote demo@N/;
  t.match(await life(), [["models.demo.refused", { ...lost, remedy }]]);
  await publish(bus, rows(3));
  t.strictSame(await life(), [], "that was told");
  t.equal(warned.length, 2, "the log says it at each start");
  t.match(warned[1], remedy);
  await put(bus, file(1, 1));
  await publish(bus, rows(4));
  t.match(await life(), [
    ["models.demo.serving", { sha256: active, version: 1, offset: 4, reason: "restored" }],
    ["scored", { offset: 2, output: 3 }],
    ["scored", { offset: 3, output: 4 }],
    ["scored", { offset: 4, output: 5 }],
  ]);
  await publish(bus, rows(5));
  t.match(await life(), [["scored", { output: 6, sha256: active }]]);
});

for (const [missing, output] of [
  ["pass", null],
  [{ fallback: -1 }, -1],
] as const)
  test(`restart: without the file of the model that answers, events get ${output} if that is declared`, async (t) => {
    const { bus, life, remove } = await serving(t);
    const active = await promote(bus, "demo", file(1, 1));
    await publish(bus, rows(1));
    await life({ missing });
    await remove(active);
    await publish(bus, rows(2));
    t.match(await life({ missing }), [
      ["models.demo.refused", { sha256: active }],
      ["scored", { offset: 2, output, reason: "no-model" }],
    ]);
    const next = await promote(bus, "demo", file(2, 2), 2);
    await publish(bus, rows(3));
    t.match(await life({ missing }), [
      ["models.demo.serving", { sha256: next, reason: "promoted" }],
      ["scored", { output: 5, sha256: next }],
    ]);
  });

test("threshold: a probability that cannot be is refused when the model is loaded", async (t) => {
  const { bus, life, warned } = await serving(t);
  const sha256 = await promote(bus, "demo", linearFile({}));
  await publish(bus, rows(1));
  const why = /threshold must be from 0 to 1, .*task binary.*it is 7/;
  t.match(await life({ threshold: 7 }), [
    ["models.demo.refused", { sha256, code: "OPTIONS_INVALID", reason: why }],
  ]);
  t.match(warned[0], why);
  await promote(bus, "demo", linearFile({ version: 2 }), 2);
  t.match(await life({ threshold: () => 1 }), [
    ["models.demo.serving", {}],
    ["scored", { decision: false }],
  ]);
  await publish(bus, rows(2));
  const [refused] = await life({ threshold: -0.1 });
  t.match(refused, ["models.demo.refused", { code: "OPTIONS_INVALID", reason: /it is -0\.1/ }]);
  t.match(await life({ threshold: 0 }), [], "nothing has come since");
  await publish(bus, rows(3));
  t.match(await life({ threshold: 0 }), [
    ["models.demo.serving", { reason: "restored" }],
    ["scored", { offset: 3, decision: true }],
    ["scored", { offset: 4, decision: true }],
  ]);
});
