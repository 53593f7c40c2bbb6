import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import { Replay } from "../../../replay/index.js";
import { busOf, outcomeOf, over } from "../over-log.js";
import { eventsOn, start } from "../running.js";
import { linearFile, networkFile, publish, put } from "./models.js";

const seed = Number(process.env.FEDBUS_SEED ?? 20_261_121);
const swaps = Number(process.env.FEDBUS_SWAPS ?? 250);
const spec = { name: "scores", topics: ["in"], model: "demo", output: "scored" };

interface Given {
  readonly topic: string;
  readonly msg: unknown;
}

/** Numbers below `most`, the same ones for a seed. */
function whole(state: { seed: number }, most: number): number {
  state.seed = (Math.imul(state.seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state.seed / 2 ** 32) * most);
}

/** News of `count` models, and rows between them; model `k` adds `k` to each. */
async function manySwaps(bus: Bus, count: number): Promise<Given[]> {
  const state = { seed };
  const events: Given[] = [];
  for (let k = 0; k < count; k++) {
    const file = linearFile({ task: "regression", weights: [1, 0], bias: k, version: k + 1 });
    const sha256 = await put(bus, file);
    events.push({ topic: "models.demo.promoted", msg: { sha256, version: k + 1 } });
    for (let rows = whole(state, 20); rows > 0; rows--)
      events.push({ topic: "in", msg: { x: whole(state, 1_000), y: 0 } });
  }
  return events;
}

interface Said {
  readonly offset: number;
  readonly sha256: string;
  readonly version: number;
  readonly output: number;
}

/** What is to be said of each row: by the model that was promoted last before it. */
function expected(events: readonly Given[]): Said[] {
  let model = { sha256: "", version: 0 };
  return events.flatMap(({ topic, msg }, offset) => {
    if (topic === "in") {
      const output = (msg as { x: number }).x + model.version - 1;
      return [{ offset, sha256: model.sha256, version: model.version, output }];
    }
    model = msg as typeof model;
    return [];
  });
}

function saidIn(events: readonly { readonly topic: string; readonly msg: unknown }[]): Said[] {
  return events
    .filter(({ topic }) => topic === "scored")
    .map(({ msg }) => {
      const { offset, sha256, version, output } = msg as Said;
      return { offset, sha256, version, output };
    });
}

test(`serve: ${swaps} swaps lose, double or mix up no prediction (seed ${seed})`, async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const events = await manySwaps(bus, swaps);
  await publish(bus, events);
  const state = { seed };
  const crashAt = Array.from({ length: 25 }, () => 1 + whole(state, 400));
  const limits = { commitEventsMax: 97, retryMsMax: 1 };
  const { outputs } = await over(bus, serve(spec), { limits, crashAt });
  t.strictSame(saidIn(outputs), expected(events));
});

test("serve: swaps under load are the same live and in replay", async (t) => {
  const bus = await openBus();
  t.teardown(() => bus.close());
  const dir = await folder(t);
  const events = await manySwaps(bus, Math.min(swaps, 200));
  const running = start(bus, serve(spec), { dir: join(dir, "live"), limits: {} });
  for (let from = 0; from < events.length; from += 11)
    await publish(bus, events.slice(from, from + 11));
  await running.caughtUp();
  await running.stop();
  const all = await eventsOn(bus);
  const own = (topic: string): boolean => topic === "scored" || topic === "models.demo.serving";
  const live = all.filter(({ topic }) => own(topic)).map(({ bytes }) => bytes.toString());
  const places = new Map<number, number>();
  const given = all.filter(({ topic }) => !own(topic));
  for (const [index, { offset }] of given.entries()) places.set(offset, index);
  const said = saidIn(all).map((one) => ({ ...one, offset: places.get(one.offset)! }));
  t.strictSame(said, expected(events));
  await using replay = await Replay.open({
    ...{ source: bus.source, consumer: serve(spec), dir: join(dir, "replay") },
  });
  await replay.run();
  const { outputs } = await outcomeOf(replay.store);
  t.strictSame(
    outputs.map(({ bytes }) => bytes.toString()),
    live,
  );
});

test("serve: how many rows are scored at a time changes no bit", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const state = { seed };
  const events: Given[] = [];
  for (const model of [1, 2, 3]) {
    const sha256 = await put(bus, networkFile(model));
    events.push({ topic: "models.demo.promoted", msg: { sha256, version: model } });
    for (let rows = 0; rows < 400; rows++) {
      const [x, y] = [whole(state, 1e6) / 1e6, whole(state, 1e6) / 1e6];
      events.push({ topic: "in", msg: { x, y } });
    }
  }
  await publish(bus, events);
  const alone = await over(bus, serve({ ...spec, batchRowsMax: 1 }));
  t.equal(saidIn(alone.outputs).length, 1_200);
  t.ok(new Set(saidIn(alone.outputs).map(({ output }) => output)).size > 600);
  for (const batchRowsMax of [7, 256, 1_000])
    for (const prefetchEventsMax of [0, 5, 1_000]) {
      const limits = { prefetchEventsMax, commitEventsMax: 150 };
      const { bytes, sha256 } = await over(bus, serve({ ...spec, batchRowsMax }), { limits });
      t.equal(bytes, alone.bytes, `${batchRowsMax} rows, ${prefetchEventsMax} ahead`);
      t.equal(sha256, alone.sha256);
    }
});

async function folder(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fedbus-serve-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
