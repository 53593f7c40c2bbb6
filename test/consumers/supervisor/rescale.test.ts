import { rmSync } from "node:fs";
import t from "tap";
import { until } from "../../bus/turns.js";
import { openWorkbench, type Workbench } from "./workbench.js";

interface Counted {
  readonly key: string;
  readonly n: number;
  readonly count: number;
}

/** Counts by key, and tells of a key that was silent for two seconds. Stuck at `key` while `file` is there. */
const plugin = (file: string, key: string): string => `import { existsSync } from "node:fs";
import { consumer } from "fedbus/consumers";
const keyOf = (event) => "k" + (event.msg.n % 20);
export default consumer({
  name: "counts", topics: ["in.#"], key: keyOf, attemptsMax: 1_000_000,
  handle(event, context) {
    const key = keyOf(event);
    const { n } = event.msg;
    if (key === "${key}" && existsSync(${JSON.stringify(file)})) throw new Error("stuck");
    const { count = 0, at } = context.state.get(key) ?? {};
    if (at !== undefined) context.timers.delete("log", at, key);
    const next = { count: count + 1, at: context.now() + 2_000 };
    context.state.put(key, next);
    context.timers.set("log", next.at, key);
    context.emit("out.count", { key, n, count: next.count });
  },
  timer({ key }, context) {
    context.emit("out.silent", { key, count: context.state.get(key).count });
  },
});
`;

/** Each key's outputs, in the order of the log, as \`n:count\`. */
async function countsOf(bench: Workbench): Promise<Record<string, string[]>> {
  const byKey: Record<string, string[]> = {};
  for (const { key, n, count } of await bench.bodies<Counted>("out.count")) {
    byKey[key] ??= [];
    byKey[key].push(`${n}:${count}`);
  }
  return byKey;
}

t.test("rescale: another number of processes keeps state, timers, order and outputs", async (t) => {
  const bench = await openWorkbench(t);
  const path = bench.plugin("counts.js", plugin(`${bench.dir}/stuck`, "k7"));
  const stuck = bench.plugin("log/stuck", "");
  rmSync(stuck);
  let published = 0;
  const publish = async (count: number): Promise<void> => {
    await bench.publish(count, "in.a", published);
    published += count;
  };
  for (const parallelism of [1, 4, 3, 3, 1, 2]) {
    if (parallelism === 3) bench.plugin("log/stuck", "");
    await publish(100);
    const consumer = await bench.open(path, { parallelism });
    if (parallelism === 3) {
      // One process cannot get past k7, the others go on; closed like that, they are apart.
      const furthest = () =>
        Math.max(...consumer.status.partitions.map(({ progress }) => progress?.committedNext ?? 0));
      await until(() => furthest() > consumer.status.offset + 50);
      rmSync(stuck);
    } else await until(() => consumer.status.handled === published);
    t.equal(consumer.status.partitions.length, parallelism);
    await consumer.close();
  }
  const last = await bench.open(path, { parallelism: 5 });
  await until(() => last.status.handled === published);
  // What is stored may say so before the new processes are there to be asked.
  await until(() => last.status.state === "running");
  await until(async () => (await bench.bodies("out.count")).length === published);

  const wanted: Record<string, string[]> = {};
  for (let n = 0; n < published; n++) {
    const key = `k${n % 20}`;
    const counts = wanted[key] ?? [];
    wanted[key] = counts;
    counts.push(`${n}:${counts.length + 1}`);
  }
  t.same(await countsOf(bench), wanted, "each event once, in order by key, over seven runs");
  t.equal(last.status.generation, 6, "a generation for each change");
  const entries = await last.query({ table: "state" });
  t.same(
    Object.fromEntries(entries.map(({ key, value }) => [key, (value as Counted).count])),
    Object.fromEntries(Object.entries(wanted).map(([key, counts]) => [key, counts.length])),
  );
  const silent = async () =>
    (await bench.bodies<Counted>("out.silent")).filter(({ count }) => count === published / 20);
  await until(async () => (await silent()).length === 20);
  t.equal(new Set((await silent()).map(({ key }) => key)).size, 20, "each timer once");
});
