// The Nexmark queries from a durable log through the consumer runner: events a second and core.
import { join } from "node:path";
import { cpuProfile, startRole } from "../harness/child.js";
import { readOptions, withFolder } from "../harness/options.js";
import { Report } from "../harness/report.js";
import { interleave } from "../harness/rounds.js";
import { ratios } from "../harness/statistics.js";
import type { NexmarkRunner, Pass } from "../roles/nexmark-runner.js";
import type { QueryName } from "./oracle/sql-queries.js";
import { queries } from "./queries/index.js";

const options = readOptions();
const report = new Report("nexmark", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 1, rounds: 5 };
const numEvents = options.quick ? 100_000 : 300_000;

/** Events a second and core. */
const targets: Partial<Record<QueryName, number>> = {
  ...{ q0: 250_000, q1: 250_000, q2: 250_000, q3: 250_000, q7: 250_000, q8: 250_000 },
  ...{ q5: 150_000, q11: 150_000 },
  ...{ q4: 60_000, q9: 60_000 },
};

interface Measured {
  /** Events a second and core, round by round: through the runner, and read and parsed only. */
  readonly run: readonly number[];
  readonly read: readonly number[];
  /** Events a second through the runner. */
  readonly wall: readonly number[];
}

const perCore = ({ cpuMs }: Pass): number => (numEvents / cpuMs) * 1000;

/** One query in a process of its own, beside a loop that only reads and parses what it reads. */
async function measure(query: QueryName, folder: string): Promise<Measured> {
  const execArgv = cpuProfile(options.profile, `nexmark-${query}`);
  const runner = startRole<NexmarkRunner>("nexmark-runner", execArgv);
  await runner.call("open", { dir: join(folder, "log"), numEvents });
  const wall: number[] = [];
  const run = async (): Promise<number> => {
    const pass = await runner.call("run", { query, dir: join(folder, "state") });
    wall.push((numEvents / pass.wallMs) * 1000);
    return perCore(pass);
  };
  const read = async (): Promise<number> => perCore(await runner.call("read", { query }));
  const contenders = [
    { name: "run", round: run },
    { name: "read", round: read },
  ];
  const measured = await interleave(contenders, counts);
  await runner.call("close");
  await runner.end();
  return {
    run: measured.get("run")!,
    read: measured.get("read")!,
    wall: wall.slice(counts.warmUps),
  };
}

/** Makes the log, in a process that is gone when the queries run. */
async function fill(folder: string): Promise<void> {
  const loader = startRole<NexmarkRunner>("nexmark-runner");
  await loader.call("open", { dir: join(folder, "log"), numEvents });
  await loader.call("close");
  await loader.end();
}

await withFolder(options, async (folder) => {
  await fill(folder);
  for (const query of Object.keys(queries) as QueryName[]) {
    const { run, read, wall } = await measure(query, folder);
    const { median } = report.series(query, "events/s a core", run);
    report.series(`${query} by the clock`, "events/s", wall);
    report.ratio(`of ${query} to read and parse`, ratios(run, read));
    const atLeast = targets[query];
    if (atLeast !== undefined) report.target(`${query}, events/s a core`, median, { atLeast });
  }
});
report.finish();
