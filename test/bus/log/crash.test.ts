import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { loops, seeded } from "../seed.js";
import { ackedHead, faultsOf } from "./check-log.js";

const child = fileURLToPath(new URL("append-forever.js", import.meta.url));

t.test("crash: kill -9 at random moments loses nothing acknowledged", async (t) => {
  const random = seeded(t);
  const cycles = loops("FEDBUS_CRASH_CYCLES", 8);
  const base = t.testdir();
  const [dir, oracle] = [join(base, "log"), join(base, "oracle")];
  const faults: string[] = [];
  let more = 0;
  let openMsMax = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const seed = String(Math.floor(random() * 1e9));
    const running = spawn(process.execPath, [child, dir, oracle, seed], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(running.stdout, "data");
    await sleep(random() * 250);
    running.kill("SIGKILL");
    await once(running, "exit");
    const start = performance.now();
    await using log = await LevelLog.open(dir, { ballastBytes: 0 });
    openMsMax = Math.max(openMsMax, performance.now() - start);
    const acked = ackedHead(oracle);
    if (log.head > acked) more++;
    faults.push(...(await faultsOf(log, acked)));
  }
  t.same(faults, []);
  t.comment(
    `${cycles} kills, ${ackedHead(oracle)} events acknowledged, 0 lost; ${more} times more was ` +
      `stored than acknowledged; slowest open ${Math.round(openMsMax)} ms`,
  );
});
