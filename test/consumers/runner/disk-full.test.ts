import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { FedbusError } from "../../../schemas/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { eventsOn, memoryBus, start } from "../running.js";

t.setTimeout(patienceMs);

function mount(options: string, at: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", at]).status === 0;
}

/** Keeps a text for each event, under keys of its own, and says how many there are. */
const hoarder = consumer({
  name: "hoarder",
  topics: ["in.#"],
  handle: (event, { state, emit }) => {
    const count = ((state.get("count") as number | undefined) ?? 0) + 1;
    state.put("count", count);
    state.put(`${event.offset}`, event.msg);
    emit("out.count", count);
  },
});

t.test("disk full: what a consumer did not write it does again, and nothing twice", async (t) => {
  const random = seeded(t);
  const cycles = loops("FEDBUS_STORE_DISK_CYCLES", 3);
  const base = t.testdir();
  for (let cycle = 0; cycle < cycles; cycle++) {
    const disk = join(base, `${cycle}`);
    mkdirSync(disk);
    const size = 400 + below(random, 3_000);
    if (process.platform !== "linux" || !mount(`size=${size}k`, disk)) {
      t.comment("skipped: mounting a small disk is not allowed here");
      return;
    }
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    let published = 0;
    const publish = async (): Promise<void> => {
      // Random texts, so that LevelDB cannot make them smaller.
      const text = Array.from({ length: 5_000 }, () => below(random, 36).toString(36)).join("");
      await publisher.publish("in.x", text);
      published++;
    };
    const limits = { commitIntervalMs: 0, commitEventsMax: 1 + below(random, 5) };
    const run = () => start(bus, hoarder, { dir: join(disk, "hoarder"), limits });
    try {
      const first = run();
      let ended: unknown;
      first.done.catch((error) => {
        ended = error;
      });
      // No event need follow: it notices by itself.
      while (ended === undefined) {
        if (published < 1_000) await publish();
        await sleep(published % 10 === 0 ? 1 : 0);
      }
      t.ok(ended instanceof FedbusError, `${ended}`);
      t.equal((ended as FedbusError).code, "STATE_WRITE_FAILED");
      await t.rejects(run().done, FedbusError, "while the disk is full it does not begin either");
      t.equal(spawnSync("mount", ["-o", "remount,size=200m", disk]).status, 0);
      for (let more = 0; more < 20; more++) await publish();
      const second = run();
      await second.caughtUp();
      await second.stop();
      const counts = (await eventsOn(bus, "out.count")).map(({ msg }) => msg);
      t.same(
        counts,
        Array.from({ length: published }, (_, index) => index + 1),
        `${published} events on a disk of ${size} KB`,
      );
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  }
});
