// A hub with a large log is killed under load and started again: how long until it acknowledges?
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startRole } from "./harness/child.js";
import { monotonicUs } from "./harness/monotonic.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import type { FedbusHub } from "./roles/fedbus-hub.js";
import type { FedbusPublisher } from "./roles/fedbus-publisher.js";

const options = readOptions();
const report = new Report("restart", options);
const rounds = options.quick ? 2 : 5;
const logBytes = options.quick ? 200e6 : 1e9;
/** What an event takes in the log. */
const eventBytes = 190;

/** Seconds from the kill to each stage. */
interface Restart {
  readonly loaded: number;
  readonly logOpen: number;
  readonly listening: number;
  readonly firstAck: number;
}

async function restart(
  hub: Child<FedbusHub>,
  publisher: Child<FedbusPublisher>,
  place: { readonly dir: string; readonly listen: string },
): Promise<{ hub: Child<FedbusHub>; times: Restart }> {
  await publisher.call("startLoad");
  await sleep(1000);
  const killedUs = monotonicUs();
  await hub.end("SIGKILL");
  const next = startRole<FedbusHub>("fedbus-hub");
  const { loadedUs, logUs, hubUs } = await next.call("open", place);
  // What the killed hub had acknowledged has long arrived when the next one's program is loaded.
  const ackUs = await publisher.call("firstAck", { afterUs: loadedUs });
  await publisher.call("stopLoad");
  const since = (us: number): number => (us - killedUs) / 1e6;
  const times = {
    loaded: since(loadedUs),
    logOpen: since(logUs),
    listening: since(hubUs),
    firstAck: since(ackUs),
  };
  return { hub: next, times };
}

await withFolder(options, async (folder) => {
  const dir = join(folder, "log");
  let hub = startRole<FedbusHub>("fedbus-hub");
  const publisher = startRole<FedbusPublisher>("fedbus-publisher");
  const { url: listen } = await hub.call("open", { dir });
  await publisher.call("open", { url: listen });
  await publisher.call("batches", { count: Math.ceil(logBytes / eventBytes) });

  const restarts: Restart[] = [];
  for (let round = 0; round < rounds; round++) {
    const { hub: next, times } = await restart(hub, publisher, { dir, listen });
    hub = next;
    restarts.push(times);
  }
  await publisher.end();
  await hub.end();

  report.note(`a log of ${(logBytes / 1e6).toFixed(0)} MB; seconds since the kill`);
  const stages = { loaded: "program loaded", logOpen: "log open", listening: "listening" } as const;
  for (const [stage, name] of Object.entries(stages))
    report.series(
      name,
      "s",
      restarts.map((times) => times[stage as keyof typeof stages]),
    );
  const acks = restarts.map((times) => times.firstAck);
  const { median } = report.series("first acknowledgement", "s", acks);
  report.target("seconds to the first acknowledgement", median, { atMost: 2 });
});
report.finish();
