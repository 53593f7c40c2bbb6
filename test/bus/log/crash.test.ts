import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { loops, patienceMs, seeded } from "../seed.js";
import { ackedHead, faultsOf } from "./check-log.js";
import { kill, startAppender } from "./child.js";

t.setTimeout(patienceMs);

t.test("crash: kill -9 at random moments loses nothing acknowledged", async (t) => {
  const random = seeded(t);
  const cycles = loops("FEDBUS_CRASH_CYCLES", 8);
  const base = t.testdir();
  const [dir, oracle] = [join(base, "log"), join(base, "oracle")];
  const faults: string[] = [];
  let more = 0;
  let openMsMax = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    const child = await startAppender(dir, oracle, { seed: Math.floor(random() * 1e9) });
    await sleep(random() * 250);
    await kill(child);
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
