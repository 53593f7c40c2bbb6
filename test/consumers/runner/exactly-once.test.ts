import { join } from "node:path";
import t from "tap";
import { ConsumerHome, runnerLimits, StateStore } from "../../../consumers/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { storedBus } from "../../bus/stored-bus.js";
import { eventsOn } from "../running.js";
import { balanceIn, deposit, settle, undisturbed } from "./ledger-log.js";
import { Life } from "./life.js";

t.setTimeout(patienceMs);
const kills = loops("FEDBUS_KILLS", 30);
/** Steps of a life: each in turn is the last one. */
const stepsMax = 60;

t.test(
  "exactly once: killed at every step in turn, outputs and state are those of an undisturbed run",
  { timeout: patienceMs },
  async (t) => {
    const random = seeded(t);
    const root = t.testdir();
    const { bus, url } = await storedBus(t, join(root, "log"));
    const dir = join(root, "ledger");
    let died = 0;
    for (let kill = 0; kill < kills; kill++) {
      const killAt = 1 + (kill % stepsMax);
      // An event is a step at least: there are enough for that one.
      await deposit(bus, random, killAt + below(random, 20));
      const limits = {
        commitIntervalMs: 0,
        commitEventsMax: 1 + below(random, 12),
        // Outputs in files now and then, so that one life also finds what the other has left.
        outboxFileBytesMin: below(random, 2) === 0 ? 0 : runnerLimits.outboxFileBytesMin,
      };
      const life = new Life({ url, dir, killAt, limits });
      await life.caughtUp((await bus.source.info()).head);
      if (life.ended) died++;
      await life.kill();
    }
    const last = new Life({ url, dir });
    const to = await settle(bus);
    t.equal(await last.end(), 0, "the last life ends cleanly");

    const outputs = (await eventsOn(bus, "ledger.#")).map(({ bytes }) => bytes.toString());
    t.same(await eventsOn(bus, "consumers.#"), [], "no dead letters");
    const home = new ConsumerHome(dir);
    const store = await StateStore.open(home.storeDir((await home.current())!, 0));
    const { hash } = await balanceIn(store);
    const sizes = [{}, { commitEventsMax: 1 }, { commitEventsMax: 7, timersInMemoryMax: 4 }];
    for (const [index, limits] of sizes.entries()) {
      const expected = await undisturbed(join(root, `replay ${index}`), bus, to, limits);
      t.strictSame(outputs, expected.outputs, "outputs are the same, byte for byte");
      t.same(hash, expected.hash, "state and timers are the same");
    }
    t.comment(`${kills} kills, ${died} of them at a step of the runner; ${outputs.length} outputs`);
  },
);
