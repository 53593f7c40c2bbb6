// Reading and parsing a whole log, beside classic-level reading the same database without checks.
import { join } from "node:path";
import { Level } from "level";
import { at } from "../bus/block/layout.js";
import { eventsOf } from "../bus/index.js";
import { LevelLog } from "../bus/log/level/level-log.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("read-back", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 9 };
const count = options.quick ? 200_000 : 1_000_000;

async function fill(dir: string): Promise<void> {
  await using fedbus = await startFedbus(dir);
  await flow(fedbus, count);
}

/** Every page of the log, every block checked, every event an object with its offset. */
async function readLog(dir: string): Promise<number> {
  await using log = await LevelLog.open(dir);
  const start = performance.now();
  let events = 0;
  for (let from = log.first; from < log.head; ) {
    const page = await log.read({ from });
    for (const block of page.blocks) events += eventsOf(block).length;
    from = page.next;
  }
  return rateOf(events, start);
}

/** Every value of the blocks' database, its payload cut out and parsed. Nothing is checked. */
async function readRaw(dir: string): Promise<number> {
  const database = new Level<Buffer, Buffer>(join(dir, "blocks"), {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
  });
  await database.open();
  const start = performance.now();
  const cursor = database.iterator({ highWaterMarkBytes: 512 * 1024 });
  let events = 0;
  for (;;) {
    const entries = await cursor.nextv(512);
    if (entries.length === 0) break;
    for (const [, value] of entries)
      events += (JSON.parse(payloadOf(value).toString("utf8")) as unknown[]).length;
  }
  await cursor.close();
  const rate = rateOf(events, start);
  await database.close();
  return rate;
}

/** The payload is the last thing in a block. */
function payloadOf(value: Buffer): Buffer {
  return value.subarray(value.length - value.readUInt32LE(at.payloadBytes));
}

function rateOf(events: number, start: number): number {
  if (events < count) throw new Error(`only ${events} of ${count} events were read`);
  return (events / (performance.now() - start)) * 1000;
}

await withFolder(options, async (folder) => {
  const dir = join(folder, "log");
  await fill(dir);
  const measured = await interleave(
    [
      { name: "log", round: () => readLog(dir) },
      { name: "raw", round: () => readRaw(dir) },
    ],
    counts,
  );
  const log = measured.get("log")!;
  const raw = measured.get("raw")!;
  report.series("LevelLog, checked and parsed", "events/s", log);
  report.series("classic-level and JSON.parse", "events/s", raw);
  const ratio = ratios(log, raw);
  report.ratio("to classic-level", ratio);
  report.target("ratio to classic-level", ratio.median, { atLeast: 0.85 });
});
report.finish();
