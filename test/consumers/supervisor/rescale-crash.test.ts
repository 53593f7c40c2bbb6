import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import t from "tap";
import type { Bus } from "../../../bus/index.js";
import { ConsumerHome, StateStore } from "../../../consumers/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { storedBus } from "../../bus/stored-bus.js";
import { balanceIn, deposit, settle, undisturbed } from "../runner/ledger-log.js";
import { Life } from "../runner/life.js";
import { eventsOn } from "../running.js";

t.setTimeout(patienceMs);
const program = new URL("./rescale-child.js", import.meta.url);
/** Deaths at each change; with more than it has steps, each step in turn is the last one. */
const killsMax = loops("FEDBUS_RESCALE_KILLS", 6);
const stride = Math.max(1, Math.round(60 / killsMax));

/** The partitions run at the same time, and are killed at steps of their own: so they are apart. */
async function liveApart(bus: Bus, url: string, dir: string, random: () => number) {
  const count = (await new ConsumerHome(dir).current())?.parallelism ?? 1;
  await deposit(bus, random, 40);
  const { head } = await bus.source.info();
  const lives = Array.from({ length: count }, (_, index) => {
    const limits = { commitIntervalMs: 0, commitEventsMax: 1 + below(random, 12) };
    const killAt = 20 + below(random, 60);
    return new Life({ url, dir, killAt, limits, partition: { index, count } });
  });
  for (const life of lives) {
    await life.caughtUp(head);
    await life.kill();
  }
}

/** Processes publish side by side: what counts is the order of each account's outputs. */
function byAccount(outputs: readonly string[]): Record<string, string[]> {
  const accounts: Record<string, string[]> = {};
  for (const text of outputs) {
    const { account, key } = (JSON.parse(text) as { msg: { account?: string; key?: string } }).msg;
    const name = account ?? key!.replace("soon ", "");
    accounts[name] ??= [];
    accounts[name].push(text);
  }
  return accounts;
}

/** Changes the number of processes; how often that died. */
async function rescale(options: { url: string; dir: string; parallelism: number }) {
  for (let killAt = 1, deaths = 0; ; killAt += stride, deaths++) {
    const child = fork(program, [JSON.stringify({ ...options, killAt })], { execArgv: [] });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (code === 0) return deaths;
    if (signal !== "SIGKILL") throw new Error(`it ended with ${code ?? signal}`);
  }
}

t.test(
  "rescale: killed at each step in turn, state and outputs are those of an undisturbed run",
  { timeout: patienceMs },
  async (t) => {
    const random = seeded(t);
    const root = t.testdir();
    const { bus, url } = await storedBus(t, join(root, "log"));
    const dir = join(root, "ledger");
    const home = new ConsumerHome(dir);
    const deaths: number[] = [];
    for (const parallelism of [2, 3, 1]) {
      await liveApart(bus, url, dir, random);
      deaths.push(await rescale({ url, dir, parallelism }));
      t.match(await home.current(), { generation: deaths.length + 1, parallelism });
    }
    const last = new Life({ url, dir });
    const to = await settle(bus);
    t.equal(await last.end(), 0, "the last life ends cleanly");

    const found = await eventsOn(bus, "ledger.#");
    t.same(await eventsOn(bus, "consumers.#"), [], "no dead letters");
    const expected = await undisturbed(join(root, "replay"), bus, to);
    const outputs = found.map(({ bytes }) => bytes.toString());
    t.strictSame(byAccount(outputs), byAccount(expected.outputs), "outputs are the same");
    const store = await StateStore.open(home.storeDir((await home.current())!, 0));
    const { hash, handled } = await balanceIn(store);
    t.same(hash, expected.hash, "state and timers are the same");
    t.equal(handled, expected.handled, "and so are the totals");
    t.ok(Math.min(...deaths) > 0, `${deaths.join(" + ")} deaths, ${outputs.length} outputs`);
  },
);
