import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { verify } from "../../../bus/log/verify.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { loops, patienceMs, seeded } from "../seed.js";
import { ackedHead, faultsOf } from "./check-log.js";
import { kill, startAppender } from "./child.js";

t.setTimeout(patienceMs);

function mount(options: string, at: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", at]).status === 0;
}

/** Runs `use` with a small disk at `at`; false where mounting one is not allowed. */
async function onSmallDisk(
  at: string,
  size: string,
  use: (disk: string) => Promise<void>,
): Promise<boolean> {
  mkdirSync(at, { recursive: true });
  if (process.platform !== "linux" || !mount(`size=${size}`, at)) return false;
  try {
    await use(at);
  } finally {
    spawnSync("umount", ["-l", at]);
  }
  return true;
}

const noMount = "skipped: mounting a small disk is not allowed here";

/** Waits until nothing more is acknowledged. */
async function stalled(oracle: string): Promise<void> {
  for (let before = -1; ; ) {
    const acked = ackedHead(oracle);
    if (acked === before) return;
    before = acked;
    await sleep(600);
  }
}

t.test("disk full: nothing acknowledged is lost, and it goes on when there is room", async (t) => {
  const base = t.testdir();
  const random = seeded(t);
  const cycles = loops("FEDBUS_DISK_CYCLES", 2);
  for (let cycle = 0; cycle < cycles; cycle++) {
    const size = 4 + Math.floor(random() * 8);
    const mounted = await onSmallDisk(join(base, `disk-${cycle}`), `${size}m`, async (disk) => {
      const [dir, oracle] = [join(disk, "log"), join(base, `oracle-${cycle}`)];
      const child = await startAppender(dir, oracle, { seed: Math.floor(random() * 1e9) });
      await stalled(oracle);
      const atFull = ackedHead(oracle);
      spawnSync("mount", ["-o", "remount,size=200m", disk]);
      for (let wait = 0; wait < 100 && ackedHead(oracle) === atFull; wait++) await sleep(100);
      await sleep(200);
      await kill(child);
      const acked = ackedHead(oracle);
      t.ok(acked > atFull, "it went on");
      await using log = await LevelLog.open(dir, { ballastBytes: 0, freeBytesMin: 0 });
      t.same(await faultsOf(log, acked), []);
      t.comment(`disk of ${size} MB full at ${atFull}, ${acked} acknowledged in the end, 0 lost`);
    });
    if (!mounted) t.comment(noMount);
  }
});

t.test("disk full: the log opens by giving up its ballast, and not without", async (t) => {
  const mounted = await onSmallDisk(join(t.testdir(), "disk"), "40m", async (disk) => {
    const dir = join(disk, "log");
    const options = { ballastBytes: 8 * 1024 * 1024, freeBytesMin: 0 };
    const log = await LevelLog.open(dir, options);
    for (let index = 0; index < 6; index++)
      await log.append([draftOf([["a", randomBytes(700_000).toString("base64")]])]);
    await log.close();
    const filled = spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "fill")}`, "bs=64k"]);
    t.not(filled.status, 0);
    const [ballast, aside] = [join(dir, "ballast"), join(disk, "aside")];
    renameSync(ballast, aside);
    await t.rejects(LevelLog.open(dir, options), { code: "LOG_DISK_LOW" });
    renameSync(aside, ballast);
    await using again = await LevelLog.open(dir, options);
    t.equal(again.head, 6);
    t.notOk(existsSync(ballast));
    t.equal((await again.read({ from: 0, bytesMax: 1e9 })).blocks.length, 6);
  });
  if (!mounted) t.comment(noMount);
});

const trims = { "by pattern": { pattern: "a" }, "at the front": {} };
for (const [kind, trim] of Object.entries(trims))
  t.test(`disk full: a trim ${kind} that fails costs no event acknowledged after it`, async (t) => {
    const mounted = await onSmallDisk(join(t.testdir(), "disk"), "60m", async (disk) => {
      const [dir, fill] = [join(disk, "log"), join(disk, "fill")];
      const options = { ballastBytes: 0, freeBytesMin: 0, recentBytesMax: 0 };
      const log = await LevelLog.open(dir, options);
      const append = (text: string) => log.append([draftOf(["a", "b"].map((one) => [one, text]))]);
      for (let index = 0; index < 4_000; index++) await append("x".repeat(600));
      await log.topics();
      // Room for `log.json`, and not for what follows it.
      writeFileSync(join(disk, "room"), Buffer.alloc(24 * 1024));
      spawnSync("dd", ["if=/dev/zero", `of=${fill}`, "bs=4k"]);
      rmSync(join(disk, "room"));
      await t.rejects(log.trim({ ...trim, before: log.head - 2 }), { code: "LOG_WRITE_FAILED" });
      await t.rejects(append("refused"), { code: "LOG_WRITE_FAILED" });
      rmSync(fill);
      for (let acked = 0; acked < 50; )
        await append("after").then(
          () => acked++,
          () => sleep(20),
        );
      const { head } = log;
      await log.close();
      await using again = await LevelLog.open(dir, options);
      t.equal(again.head, head);
      t.same((await verify(again)).damaged, []);
    });
    if (!mounted) t.comment(noMount);
  });
