// Holding a schema version against a whole archive, beside reading and parsing that log and no more.
import { join } from "node:path";
import { checkArchive, eventsOf, LevelLog } from "../bus/index.js";
import { readingSchema } from "./harness/events.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("schema-check", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 9 };
const count = options.quick ? 200_000 : 1_000_000;

/** The next version of what the events are: one in a hundred is hotter than it allows. */
const definition = {
  ...readingSchema,
  version: 2,
  schema: {
    ...(readingSchema.schema as object),
    properties: {
      sensor: { type: "integer", minimum: 0 },
      celsius: { type: "number", minimum: -40, maximum: 39.5 },
      ok: { type: "boolean" },
      at: { type: "number" },
    },
  },
};

async function fill(dir: string): Promise<void> {
  await using fedbus = await startFedbus(dir);
  await flow(fedbus, count);
}

/** Events by each second of CPU time, all threads of this process together. */
async function rateOf(dir: string, work: (log: LevelLog) => Promise<number>): Promise<number> {
  await using log = await LevelLog.open(dir);
  const before = process.cpuUsage();
  const events = await work(log);
  if (events < count) throw new Error(`only ${events} of ${count} events were read`);
  const { user, system } = process.cpuUsage(before);
  return (events / (user + system)) * 1e6;
}

async function readAndParse(log: LevelLog): Promise<number> {
  let events = 0;
  for (let from = log.first; from < log.head; ) {
    const page = await log.read({ from });
    for (const block of page.blocks) events += eventsOf(block).length;
    from = page.next;
  }
  return events;
}

async function check(log: LevelLog): Promise<number> {
  const { checked, refused } = await checkArchive(log, { definition, listings: [] });
  if (refused !== count / 100) throw new Error(`${refused} of ${checked} events were refused`);
  return checked;
}

await withFolder(options, async (folder) => {
  const dir = join(folder, "log");
  await fill(dir);
  const measured = await interleave(
    [
      { name: "check", round: () => rateOf(dir, check) },
      { name: "parse", round: () => rateOf(dir, readAndParse) },
    ],
    counts,
  );
  const checked = measured.get("check")!;
  const parsed = measured.get("parse")!;
  report.series("a version held against every event", "events/s of CPU", checked);
  report.series("read and parsed", "events/s of CPU", parsed);
  const ratio = ratios(checked, parsed);
  report.ratio("to reading and parsing", ratio);
  report.target("ratio to reading and parsing", ratio.median, { atLeast: 0.7 });
});
report.finish();
