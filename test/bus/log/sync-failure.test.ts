import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { patienceMs } from "../seed.js";
import { ackedHead, faultsOf } from "./check-log.js";
import { startAppender } from "./child.js";

t.setTimeout(patienceMs);

const strace = spawnSync("strace", ["-f", "-e", "inject=fdatasync:error=EIO:when=1", "true"]);
const skip = strace.status === 0 ? false : "needs strace, and leave to trace";

t.test("a failed sync: the log opens again by itself and loses nothing", { skip }, async (t) => {
  const base = t.testdir();
  let went = 0;
  for (const when of ["8", "12+9"]) {
    const [dir, oracle] = [join(base, `log-${when}`), join(base, `oracle-${when}`)];
    const inject = `inject=fdatasync:error=EIO:when=${when}`;
    const child = await startAppender(dir, oracle, {
      under: ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", inject],
      // Strace counts per thread.
      env: { UV_THREADPOOL_SIZE: "1" },
    });
    await sleep(2_500);
    const tracee = spawnSync("pgrep", ["-P", String(child.pid)])
      .stdout.toString()
      .trim();
    // One that has ended by itself must not become process 0, which is this one's whole group.
    if (tracee !== "") process.kill(Number(tracee), "SIGKILL");
    // Strace ends when what it traces is gone.
    if (child.exitCode === null) await once(child, "exit");
    await using log = await LevelLog.open(dir, { ballastBytes: 0 });
    const acked = ackedHead(oracle);
    t.same(await faultsOf(log, acked), []);
    t.ok(acked > 0);
    went += acked;
  }
  t.comment(`${went} events acknowledged over failing syncs, 0 lost, 0 twice`);
});
