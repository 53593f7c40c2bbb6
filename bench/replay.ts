// Replaying a stateless consumer over a whole log, beside reading and parsing that log and no more.
import { join } from "node:path";
import { eventsOf, LevelLog } from "../bus/index.js";
import { consumer } from "../consumers/index.js";
import { Replay } from "../replay/index.js";
import type { Reading } from "./harness/events.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("replay", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 9 };
const count = options.quick ? 200_000 : 1_000_000;

/** Looks at each event, and tells of one in a hundred. */
const hot = consumer({
  name: "hot",
  topics: ["#"],
  handle: (event, { emit }) => {
    const { sensor, celsius, ok } = event.msg as Reading;
    if (ok && celsius > 39.6) emit("hot", { sensor, celsius });
  },
});

async function fill(dir: string): Promise<void> {
  await using fedbus = await startFedbus(dir);
  await flow(fedbus, count);
}

/** Events by each second of CPU time, all threads of this process together. */
async function rateOf(work: () => Promise<number>): Promise<number> {
  const before = process.cpuUsage();
  const events = await work();
  if (events < count) throw new Error(`only ${events} of ${count} events were read`);
  const { user, system } = process.cpuUsage(before);
  return (events / (user + system)) * 1e6;
}

async function readAndParse(dir: string): Promise<number> {
  await using log = await LevelLog.open(dir);
  return await rateOf(async () => {
    let events = 0;
    for (let from = log.first; from < log.head; ) {
      const page = await log.read({ from });
      for (const block of page.blocks) events += eventsOf(block).length;
      from = page.next;
    }
    return events;
  });
}

let rounds = 0;

async function replay(dir: string, scratch: string): Promise<number> {
  await using log = await LevelLog.open(dir);
  return await rateOf(async () => {
    await using once = await Replay.open({
      source: log,
      consumer: hot,
      dir: join(scratch, String(rounds++)),
    });
    const { totals } = await once.run();
    return totals.handled;
  });
}

await withFolder(options, async (folder) => {
  const dir = join(folder, "log");
  await fill(dir);
  const measured = await interleave(
    [
      { name: "replay", round: () => replay(dir, join(folder, "scratch")) },
      { name: "parse", round: () => readAndParse(dir) },
    ],
    counts,
  );
  const replayed = measured.get("replay")!;
  const parsed = measured.get("parse")!;
  report.series("replay of a stateless consumer", "events/CPU s", replayed);
  report.series("read and parse", "events/CPU s", parsed);
  const ratio = ratios(replayed, parsed);
  report.ratio("to read and parse", ratio);
  report.target("ratio to read and parse", ratio.median, { atLeast: 0.7 });
});
report.finish();
