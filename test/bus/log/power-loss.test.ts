import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { loops, patienceMs, seeded } from "../seed.js";
import { ackedHead, faultsOf } from "./check-log.js";
import { kill, startAppender } from "./child.js";

t.setTimeout(patienceMs);

const source = fileURLToPath(
  new URL("../../../../test/bus/log/power-loss-shim.c", import.meta.url),
);

/** Takes from the files what was never synced. */
function cutPower(dir: string, log: string): void {
  const synced = new Map<string, number>();
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [kind, one = "", two = ""] = line.split(" ");
    if (kind === "S") synced.set(two, Number(one));
    if (kind === "R") synced.set(two, synced.get(one) ?? 0);
  }
  for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    const path = join(dir, name);
    const found = statSync(path);
    if (!found.isFile()) continue;
    const size = synced.get(path);
    if (size === undefined) rmSync(path);
    else if (size < found.size) truncateSync(path, size);
  }
}

const linux = process.platform === "linux";
const gcc = linux && spawnSync("gcc", ["--version"]).status === 0;

t.test("power loss", { skip: gcc ? false : "needs Linux and gcc" }, async (t) => {
  const base = t.testdir();
  const shim = join(base, "shim.so");
  const built = spawnSync("gcc", ["-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"]);
  t.equal(built.status, 0, built.stderr.toString());
  const random = seeded(t);
  const cycles = loops("FEDBUS_POWER_CYCLES", 5);

  /** One run up to the power loss. How many acknowledged events are gone, and what else is wrong. */
  async function cycle(name: string, lie: boolean): Promise<{ lost: number; faults: string[] }> {
    const [dir, oracle, log] = [name, `${name}.oracle`, `${name}.syncs`];
    const env = {
      LD_PRELOAD: shim,
      POWER_DIR: dir,
      POWER_LOG: log,
      ...(lie && { POWER_LIE: "1" }),
    };
    const child = await startAppender(dir, oracle, { seed: Math.floor(random() * 1e9), env });
    await sleep(100 + random() * 300);
    await kill(child);
    cutPower(dir, log);
    const acked = ackedHead(oracle);
    try {
      await using opened = await LevelLog.open(dir, { ballastBytes: 0, create: false });
      const lost = Math.max(0, acked - opened.head);
      return { lost, faults: lost > 0 ? [] : await faultsOf(opened, acked) };
    } catch (error) {
      if (!lie || !isFedbusError(error)) throw error;
      return { lost: acked, faults: [] };
    }
  }

  await t.test("power loss: what was acknowledged is there", async (t) => {
    let lost = 0;
    const faults: string[] = [];
    for (let index = 0; index < cycles; index++) {
      const result = await cycle(join(base, `true-${index}`), false);
      lost += result.lost;
      faults.push(...result.faults);
    }
    t.equal(lost, 0);
    t.same(faults, []);
    t.comment(`${cycles} power losses, ${lost} acknowledged events lost`);
  });

  await t.test("power loss: the control run, without its syncs, does lose", async (t) => {
    const { lost } = await cycle(join(base, "lie"), true);
    t.ok(lost > 0);
    t.comment(`control run: ${lost} acknowledged events lost`);
  });
});
