import { truncate } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Committer } from "../../../bus/log/level/committer.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { levelLogOptions } from "../../../bus/log/level/level-options.js";
import { LogCore } from "../../../bus/log/level/log-core.js";
import { openLog } from "../../../bus/log/level/open-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { latch } from "../publisher/steered-port.js";
import { below, seeded } from "../seed.js";

const small = { ballastBytes: 0, freeBytesMin: 0 };

/** A log whose commits a test can hold up and fail, and whose clock it moves. */
async function open(dir: string) {
  const clock = { now: 1_000_000 };
  const options = levelLogOptions({ ...small, clock: () => clock.now });
  const core = new LogCore(await openLog(dir, options), options);
  const committer = new Committer(core);
  const begun = latch();
  const end = latch();
  const { blocks } = core.storage;
  const commit = blocks.commit.bind(blocks);
  const hold = (fail: boolean): void => {
    blocks.commit = async (stored) => {
      begun.open();
      await end.opened;
      if (fail) throw new Error("EIO");
      await commit(stored);
    };
  };
  const close = async (): Promise<void> => {
    await committer.close();
    await core.storage.close();
    core.opened.witness.close();
    await core.opened.file.release();
  };
  return { clock, core, committer, begun, end, hold, close };
}

t.test("log time: while an append is under way, it is the append's", async (t) => {
  const { clock, core, committer, begun, end, hold, close } = await open(join(t.testdir(), "log"));
  t.equal(core.time(), 1_000_000);
  clock.now = 1_000_500;
  hold(false);
  const appended = committer.append([draftOf([["a", 1]])]);
  await begun.opened;
  clock.now = 1_009_000;
  t.same([core.head, core.time(), core.time()], [0, 1_000_500, 1_000_500]);
  end.open();
  const [block] = await appended;
  t.equal(block?.recordedAt, 1_000_500);
  t.same([core.head, core.time()], [1, 1_009_000]);
  await close();
});

t.test("log time: what was told during an append that failed still binds", async (t) => {
  const { clock, core, committer, begun, end, hold, close } = await open(join(t.testdir(), "log"));
  hold(true);
  const appended = committer.append([draftOf([["a", 1]])]);
  await begun.opened;
  t.equal(core.time(), 1_000_000);
  clock.now = 999_000;
  end.open();
  await t.rejects(appended, { code: "LOG_WRITE_FAILED" });
  t.equal(core.time(), 1_000_000);
  const [block] = await committer.append([draftOf([["a", 2]])]);
  t.equal(block?.recordedAt, 1_000_000);
  clock.now = 1_000_007;
  t.equal(core.time(), 1_000_007, "and then it goes on");
  await close();
});

t.test("log time: a log that takes no more tells none", async (t) => {
  const { core, close } = await open(join(t.testdir(), "log"));
  core.watch.close();
  t.equal(core.time(), undefined);
  await close();
});

t.test("log time: it holds over a restart, also where the clock went back", async (t) => {
  const dir = join(t.testdir(), "log");
  let now = 2_000_000;
  const options = { ...small, clock: () => now };
  const before = await LevelLog.open(dir, options);
  await before.append([draftOf([["a", 1]])]);
  now += 5_000;
  t.equal((await before.info()).time, 2_005_000);
  await before.close();
  now = 1_500_000;
  const again = await LevelLog.open(dir, options);
  t.same([again.time(), (await again.info()).head], [2_005_000, 1]);
  t.equal((await again.append([draftOf([["a", 2]])]))[0]?.recordedAt, 2_005_000);
  await again.close();
  // As an older fedbus, or a power loss, leaves it.
  await truncate(join(dir, "head"), 44);
  await using older = await LevelLog.open(dir, options);
  t.equal(older.time(), 2_005_000, "the newest event's, at least");
});

t.test("log time: asked at any moment, no later event is recorded before it", async (t) => {
  const random = seeded(t);
  let now = 1_000_000;
  await using log = await LevelLog.open(join(t.testdir(), "log"), { ...small, clock: () => now });
  const told: { head: number; time: number }[] = [];
  let underWay = 0;
  for (let round = 0; round < 200; round++) {
    let pending = true;
    const appended = log.append([draftOf([["a", round]])]).finally(() => {
      pending = false;
    });
    while (pending) {
      now += below(random, 7) - 3;
      const { head } = log;
      told.push({ head, time: log.time()! });
      if (head === round) underWay++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await appended;
  }
  const { blocks } = await log.read({ from: 0 });
  const recorded = blocks.map(({ recordedAt }) => recordedAt);
  const wrong = told.filter(({ head, time }) => recorded.slice(head).some((at) => at < time));
  t.same(wrong, []);
  t.ok(underWay > 200, "appends were under way");
  t.comment(`${told.length} times told, ${underWay} of them during an append: 0 wrong`);
});
