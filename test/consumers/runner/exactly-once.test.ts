import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import t from "tap";
import { Block, type Bus, connect, Hub, LevelLog } from "../../../bus/index.js";
import {
  boundedFeed,
  ConsumerHome,
  hashState,
  outboxBatches,
  Runner,
  type RunnerLimits,
  StateStore,
} from "../../../consumers/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { eventsOn } from "../running.js";
import { ledger } from "./ledger.js";

const program = new URL("./ledger-child.js", import.meta.url);
t.setTimeout(patienceMs);
const kills = loops("FEDBUS_KILLS", 30);
/** Steps of a life: each in turn is the last one. */
const stepsMax = 60;

/** A life of the consumer in a process of its own. */
class Life {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  /** The next offset that is not committed. */
  next = -1;

  constructor(url: string, dir: string, killAt: number, limits: Partial<RunnerLimits>) {
    this.process = fork(program, [JSON.stringify({ url, dir, killAt, limits })], { execArgv: [] });
    this.exited = once(this.process, "exit");
    this.process.on("message", (message) => {
      if (typeof message === "number") this.next = message;
    });
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Waits until it has committed everything up to `head`, or has ended. */
  async caughtUp(head: number): Promise<void> {
    while (this.next < head && !this.ended) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function deposit(bus: Bus, random: () => number, count: number): Promise<void> {
  const events = Array.from({ length: count }, () => ({
    topic: `bank.${below(random, 3)}`,
    msg: {
      account: `a${below(random, 8)}`,
      amount: below(random, 100),
      at: Date.now() - below(random, 80),
    },
  }));
  await using publisher = bus.publisher();
  await publisher.publishMany(events);
}

/** The last event, whose timers come when the stream has gone quiet; resolves when they have. */
async function settle(bus: Bus): Promise<number> {
  await using publisher = bus.publisher();
  await publisher.publish("bank.end", { account: "end", amount: 3, at: Date.now() });
  for (;;) {
    const outputs = await eventsOn(bus, "ledger.event", "ledger.log");
    const keys = outputs.map(({ msg }) => (msg as { key: string }).key);
    if (keys.includes("end") && keys.includes("soon end")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await publisher.publish("other", {});
}

/** What the log holds between, handled from the beginning by nobody who is disturbed. */
async function undisturbed(dir: string, bus: Bus, to: number, limits: Partial<RunnerLimits>) {
  const store = await StateStore.open(dir, { durable: false });
  const feed = boundedFeed(bus.source, to);
  await new Runner({ consumer: ledger, config: {}, store, source: bus.source, feed, limits }).run();
  const outputs: string[] = [];
  for await (const { block, count } of outboxBatches(store))
    for (let index = 0; index < count; index++)
      outputs.push(Block.decode(block).bytesOf(index).toString());
  const hash = await hashState(store, Date.now() + 1_000);
  await store.close();
  return { outputs, hash };
}

t.test(
  "exactly once: killed at every step in turn, outputs and state are those of an undisturbed run",
  { timeout: patienceMs },
  async (t) => {
    const random = seeded(t);
    const root = t.testdir();
    const log = await LevelLog.open(join(root, "log"));
    const dir = join(root, "ledger");
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    const bus = await connect(hub.url);
    t.teardown(async () => {
      await bus.close();
      await hub.close();
      await log.close();
    });
    let died = 0;
    for (let kill = 0; kill < kills; kill++) {
      await deposit(bus, random, 3 + below(random, 20));
      const limits = { commitIntervalMs: 0, commitEventsMax: 1 + below(random, 12) };
      const life = new Life(hub.url, dir, 1 + (kill % stepsMax), limits);
      await life.caughtUp((await bus.source.info()).head);
      if (life.ended) died++;
      life.process.kill("SIGKILL");
      await life.exited;
    }
    const last = new Life(hub.url, dir, Number.POSITIVE_INFINITY, {});
    const to = await settle(bus);
    last.process.send("end");
    await last.exited;
    t.equal(last.process.exitCode, 0, "the last life ends cleanly");

    const outputs = (await eventsOn(bus, "ledger.#")).map(({ bytes }) => bytes.toString());
    t.same(await eventsOn(bus, "consumers.#"), [], "no dead letters");
    const home = new ConsumerHome(dir);
    const store = await StateStore.open(home.storeDir((await home.current())!, 0));
    const hash = await hashState(store, Date.now() + 1_000);
    await store.close();
    const sizes = [{}, { commitEventsMax: 1 }, { commitEventsMax: 7, timersInMemoryMax: 4 }];
    for (const [index, limits] of sizes.entries()) {
      const expected = await undisturbed(join(root, `replay ${index}`), bus, to, limits);
      t.strictSame(outputs, expected.outputs, "outputs are the same, byte for byte");
      t.same(hash, expected.hash, "state and timers are the same");
    }
    t.comment(`${kills} kills, ${died} of them at a step of the runner; ${outputs.length} outputs`);
  },
);
