import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { consumer, entriesOf, type StateStore } from "../../consumers/index.js";
import { Replay, type StateMoment, stateAt } from "../../replay/index.js";
import { below, patienceMs, seeded } from "../bus/seed.js";
import { busOf, logStart } from "../consumers/over-log.js";
import { ledger } from "../consumers/runner/ledger.js";
import { eventsOn } from "../consumers/running.js";
import { busOfDeposits, contentsOf } from "./deposits.js";
import { scratch } from "./scratch.js";

t.setTimeout(patienceMs);

/** Balances as the events themselves tell, before an offset. */
async function balancesIn(store: StateStore): Promise<Record<string, unknown>> {
  const balances: Record<string, unknown> = {};
  for await (const { table, key, value } of entriesOf(store))
    if (table === "balances") balances[key] = value;
  return balances;
}

t.test("state: as of any offset or time, forwards and backwards, it is what it was", async (t) => {
  const random = seeded(t);
  await using bus = await busOfDeposits(random, 600);
  const events = await eventsOn(bus, "bank.#");
  const { head } = await bus.source.info();
  const dir = join(scratch(t), "state");
  const common = { source: bus.source, consumer: ledger };
  for (let round = 0; round < 8; round++) {
    const offset = below(random, head);
    const expected: Record<string, number> = {};
    for (const { offset: at, msg } of events) {
      if (at >= offset) break;
      const { account, amount } = msg as { account: string; amount: number };
      expected[account] = (expected[account] ?? 0) + amount;
    }
    await using replay = await stateAt({ ...common, dir, at: { offset } });
    t.same(await balancesIn(replay.store), expected, `before offset ${offset}`);
    await using anew = await Replay.open({ ...common, dir: scratch(t), to: offset });
    await anew.run();
    t.same((await contentsOf(replay.store)).hash, (await contentsOf(anew.store)).hash);
  }
  const { recordedAt } = events[300]!;
  await using replay = await stateAt({ ...common, dir, at: { time: recordedAt } });
  const { offset } = events.find((event) => event.recordedAt === recordedAt)!;
  t.ok(replay.plan.to <= offset, "nothing of that millisecond");
  t.equal(replay.plan.time, recordedAt);
});

t.test("state: what another process is asking is not removed, whatever code it runs", async (t) => {
  await using bus = await busOfDeposits(seeded(t), 60);
  const dir = join(scratch(t), "state");
  const common = { source: bus.source, consumer: ledger, dir };
  await using replay = await stateAt({ ...common, at: { offset: 50 }, pluginHash: "one" });
  const { hash } = await contentsOf(replay.store);
  const plan = readFileSync(join(dir, "plan.json"), "utf8");
  await t.rejects(stateAt({ ...common, at: { offset: 40 }, pluginHash: "other" }), {
    code: "STATE_IN_USE",
  });
  t.equal(readFileSync(join(dir, "plan.json"), "utf8"), plan, "everything is where it was");
  await replay.close();
  await using again = await stateAt({ ...common, at: { offset: 50 }, pluginHash: "one" });
  t.same((await contentsOf(again.store)).hash, hash);
});

t.test(
  "state: between two events it is that of the time asked for, in whatever order",
  async (t) => {
    //          0       100     200          1000
    // log      in ----- timer - timer ------- in
    await using bus = await busOf([
      { topic: "in", msg: 0 },
      { topic: "in", msg: 1, at: 1_000 },
    ]);
    const ticks = consumer({
      name: "ticks",
      topics: ["in"],
      handle: (_, { now, timers, state }) => {
        state.put("ticks", 0);
        for (const after of [100, 200]) timers.set("log", now() + after, "tick");
      },
      timer: (_, { state }) => state.put("ticks", (state.get("ticks") as number) + 1),
    });
    const dir = join(scratch(t), "state");
    const ticksAt = async (at: StateMoment): Promise<unknown> => {
      await using replay = await stateAt({ source: bus.source, consumer: ticks, dir, at });
      for await (const { key, value } of entriesOf(replay.store)) if (key === "ticks") return value;
      return undefined;
    };
    const after = (ms: number): StateMoment => ({ time: logStart + ms });
    t.equal(await ticksAt(after(150)), 1);
    t.equal(await ticksAt({ offset: 1 }), 2, "all that came before the next event");
    t.equal(await ticksAt(after(150)), 1, "and back");
    t.equal(await ticksAt(after(250)), 2);
    t.equal(await ticksAt(after(50)), 0);
  },
);
