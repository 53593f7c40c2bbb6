import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { Replay, type ReplayOptions } from "../../../replay/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { ledger } from "../../consumers/runner/ledger.js";
import { memoryBus } from "../../consumers/running.js";
import { busOfDeposits, contentsOf } from "../deposits.js";

t.setTimeout(patienceMs);
const kills = loops("FEDBUS_REPLAY_KILLS", 5);
const program = new URL("./replay-child.js", import.meta.url);

async function replayed(options: ReplayOptions) {
  await using replay = await Replay.open(options);
  const result = await replay.run();
  return { result, ...(await contentsOf(replay.store)) };
}

t.test("replay: twice, and in other batch sizes, outputs and state are the same", async (t) => {
  await using bus = await busOfDeposits(seeded(t), 2_000);
  const root = t.testdir();
  const common = { source: bus.source, consumer: ledger };
  const first = await replayed({ ...common, dir: join(root, "1") });
  const { head } = await bus.source.info();
  t.match(first.result, { isComplete: true, next: head });
  t.ok(first.outputs.length > 1_000);
  t.ok(first.hash.entries > 0);
  for (const [index, limits] of [{}, { commitEventsMax: 1 }, { commitEventsMax: 13 }].entries()) {
    const again = await replayed({ ...common, dir: join(root, `again ${index}`), limits });
    t.strictSame(again.outputs, first.outputs);
    t.same(again.hash, first.hash);
  }
});

t.test("replay: a store without its plan is not gone on with", async (t) => {
  await using bus = await busOfDeposits(seeded(t), 100);
  const dir = t.testdir();
  const options = { source: bus.source, consumer: ledger, dir };
  await replayed(options);
  rmSync(join(dir, "plan.json"));
  await t.rejects(Replay.open(options), {
    code: "STATE_CORRUPT",
    details: { dir, remedy: /begin anew/ },
  });
  t.notOk(existsSync(join(dir, "plan.json")), "and none is made up");
});

t.test("replay: in two parts, told to stop between, it comes to the same", async (t) => {
  const random = seeded(t);
  await using bus = await busOfDeposits(random, 1_000);
  const root = t.testdir();
  const { head } = await bus.source.info();
  const common = { source: bus.source, consumer: ledger };
  const whole = await replayed({ ...common, dir: join(root, "whole") });
  for (let round = 0; round < 5; round++) {
    const dir = join(root, `parts ${round}`);
    const middle = below(random, Math.floor(head * 0.7));
    const part = await replayed({ ...common, dir, to: middle });
    t.match(part.result, { isComplete: true, next: middle });
    const ending = new AbortController();
    let steps = 0;
    const limits = { commitEventsMax: 10 };
    const hook = () => {
      if (++steps === 20) ending.abort();
    };
    const stopped = await replayed({
      ...common,
      dir,
      to: head,
      limits,
      hook,
      signal: ending.signal,
    });
    t.match(stopped.result, { isComplete: false });
    const done = await replayed({ ...common, dir });
    t.match(done.result, { isComplete: true, next: head });
    t.strictSame(done.outputs, whole.outputs);
    t.same(done.hash, whole.hash);
  }
});

t.test("replay: killed with SIGKILL again and again, it comes to the same", async (t) => {
  const random = seeded(t);
  const root = t.testdir();
  const log = join(root, "log");
  await using bus = await busOfDeposits(random, 1_500, { dir: log });
  const whole = await replayed({ source: bus.source, consumer: ledger, dir: join(root, "whole") });
  await bus.close();
  const dir = join(root, "killed");
  let died = 0;
  for (;;) {
    const killAt = died < kills ? 5 + below(random, 60) : undefined;
    const child: ChildProcess = fork(program, [JSON.stringify({ log, dir, killAt })], {
      execArgv: [],
    });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (signal !== "SIGKILL") {
      t.equal(code, 0);
      break;
    }
    died++;
  }
  t.comment(`${died} deaths`);
  t.ok(died > 0);
  const options = { dir: log };
  await using again = await busOfDeposits(random, 0, options);
  const { outputs, hash } = await replayed({ source: again.source, consumer: ledger, dir });
  t.strictSame(outputs, whole.outputs);
  t.same(hash, whole.hash);
});

t.test("replay: a directory goes on with its own replay only", async (t) => {
  const bus = await memoryBus(t);
  await bus.publisher().publishMany(Array.from({ length: 9 }, (_, msg) => ({ topic: "in", msg })));
  const copy = (version: string) =>
    consumer({
      name: "copy",
      version,
      topics: ["in"],
      config: { type: "object", properties: { by: { type: "number" } } },
      handle: (event, { emit }) => emit("out", event.msg),
    });
  const common = { source: bus.source, dir: t.testdir() };
  const first = await replayed({ ...common, consumer: copy("1"), to: 5 });
  t.equal(first.outputs.length, 5);
  for (const other of [
    { consumer: copy("2") },
    { consumer: copy("1"), config: { by: 2 } },
    { consumer: copy("1"), from: 1 },
    { consumer: copy("1"), pluginHash: "beef" },
    { consumer: copy("1"), to: 4 },
  ])
    await t.rejects(Replay.open({ ...common, ...other }), { code: "OPTIONS_INVALID" });
  const rest = await replayed({ ...common, consumer: copy("1"), to: 9 });
  t.equal(rest.outputs.length, 9);
});

t.test("replay: a range that is not in the log is refused", async (t) => {
  const bus = await memoryBus(t);
  for (let msg = 0; msg < 9; msg++) await bus.publisher().publish("in", msg);
  const common = { source: bus.source, consumer: ledger };
  for (const range of [{ from: 3, to: 2 }, { to: 10 }, { from: 10 }])
    await t.rejects(Replay.open({ ...common, ...range, dir: t.testdir() }), {
      code: "OFFSET_INVALID",
    });
  await bus.trim({ before: 5 });
  await t.rejects(Replay.open({ ...common, from: 2, dir: t.testdir() }), {
    code: "LOG_TRUNCATED",
  });
});

t.test("replay: progress is told, and at the end all of it", async (t) => {
  await using bus = await busOfDeposits(seeded(t), 100);
  const told: number[] = [];
  const { result } = await replayed({
    source: bus.source,
    consumer: ledger,
    dir: t.testdir(),
    onProgress: ({ next, to }) => told.push(next / to),
  });
  t.equal(told.at(-1), 1);
  t.ok(result.totals.handled > 0);
});
