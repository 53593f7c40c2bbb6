// The hub's resident memory: idle, and what a subscriber that was stopped costs it at full load.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startRole } from "./harness/child.js";
import { readOptions, withFolder } from "./harness/options.js";
import { residentMibOf } from "./harness/process-usage.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import type { FedbusHub } from "./roles/fedbus-hub.js";
import type { FedbusSubscriber } from "./roles/fedbus-subscriber.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("memory", options);
const counts = { warmUps: 0, rounds: options.quick ? 2 : 5 };
const count = options.quick ? 300_000 : 1_500_000;

/** A hub that nobody has used yet. */
async function idle(dir: string): Promise<number> {
  const hub = startRole<FedbusHub>("fedbus-hub");
  await hub.call("open", { dir });
  await sleep(options.quick ? 1000 : 5000);
  const mib = residentMibOf(hub.pid, "now");
  await hub.end();
  return mib;
}

/** The highest that a new hub gets to while `count` events go through it. */
async function peak(dir: string, withStopped: boolean): Promise<number> {
  await using fedbus = await startFedbus(dir);
  const stopped = startRole<FedbusSubscriber>("fedbus-subscriber");
  await stopped.call("open", { url: fedbus.url });
  if (withStopped) stopped.signal("SIGSTOP");
  else await stopped.end();
  await flow(fedbus, count);
  const mib = residentMibOf(fedbus.hub.pid, "peak");
  await stopped.end("SIGKILL");
  return mib;
}

await withFolder(options, async (folder) => {
  if (Number.isNaN(residentMibOf(process.pid, "now"))) {
    report.note("resident memory is read from /proc, which is not here: nothing measured");
    return;
  }
  let rounds = 0;
  const inNewFolder = async (measure: (dir: string) => Promise<number>): Promise<number> => {
    const dir = join(folder, String(rounds++));
    await mkdir(dir);
    return await measure(join(dir, "log"));
  };
  const measured = await interleave(
    [
      { name: "idle", round: () => inNewFolder(idle) },
      { name: "without", round: () => inNewFolder((dir) => peak(dir, false)) },
      { name: "with", round: () => inNewFolder((dir) => peak(dir, true)) },
    ],
    counts,
  );
  const resting = report.series("idle hub", "MiB", measured.get("idle")!);
  const without = report.series("peak at full load", "MiB", measured.get("without")!);
  const withStopped = report.series("peak, a subscriber stopped", "MiB", measured.get("with")!);
  report.target("MiB idle", resting.median, { atMost: 120 });
  report.target("MiB more for the stopped one", withStopped.median - without.median, {
    atMost: 64,
  });
});
report.finish();
