// Windows through the runner over a durable log, beside a hand-written loop over the same events.
import { join } from "node:path";
import { type EventSource, LevelLog, openBus } from "../bus/index.js";
import {
  aggregate,
  type Consumer,
  count,
  hopping,
  max,
  mean,
  min,
  session,
  stddev,
  tumbling,
  type Window,
} from "../consumers/index.js";
import type { Envelope } from "../schemas/index.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios, summarize } from "./harness/statistics.js";
import { throughRunner } from "./harness/through-runner.js";

const options = readOptions();
const report = new Report("aggregate", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 7 };
const events = options.quick ? 200_000 : 500_000;
const keys = 1_000;
/** Events in a window of 10 s of event time. */
const perSecond = 10_000;
const sizeMs = 10_000;

interface Reading {
  readonly sensor: string;
  readonly celsius: number;
  readonly ok: boolean;
  readonly at: number;
}

function readingAt(index: number): { topic: string; msg: Reading } {
  const msg = {
    sensor: `sensor-${(index * 7919) % keys}`,
    celsius: ((index * 31) % 997) / 10,
    ok: index % 7 !== 0,
    at: 1_700_000_000_000 + Math.floor((index * 1000) / perSecond),
  };
  return { topic: "org.example.bench.reading", msg };
}

async function fill(dir: string): Promise<void> {
  await using bus = await openBus({ dir });
  await using publisher = bus.publisher();
  for (let from = 0; from < events; from += 10_000)
    await publisher.publishMany(
      Array.from({ length: 10_000 }, (_, index) => readingAt(from + index)),
    );
}

function consumerWith(window: Window): Consumer {
  return aggregate({
    name: `bench-${window.kind}`,
    topics: ["org.example.bench.reading"],
    key: "msg.sensor",
    time: "msg.at",
    window,
    accumulators: {
      n: count(),
      min: min("msg.celsius"),
      max: max("msg.celsius"),
      mean: mean("msg.celsius"),
      stddev: stddev("msg.celsius"),
    },
    output: "bench.windows",
  });
}

/** Events a second of CPU time, of all threads together. */
async function perCpuSecond(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (events / (user + system)) * 1e6;
}

interface Sums {
  n: number;
  min: number;
  max: number;
  mean: number;
  squares: number;
}

/** What somebody would write who needs just this, once, of a log in order. */
class Loop {
  #end = 0;
  #sums = new Map<string, Sums>();
  results = 0;

  add({ sensor, celsius, at }: Reading): void {
    if (at >= this.#end) this.#close(at);
    const sums = this.#sums.get(sensor);
    if (sums === undefined) {
      this.#sums.set(sensor, { n: 1, min: celsius, max: celsius, mean: celsius, squares: 0 });
      return;
    }
    sums.n++;
    if (celsius < sums.min) sums.min = celsius;
    if (celsius > sums.max) sums.max = celsius;
    const distance = celsius - sums.mean;
    sums.mean += distance / sums.n;
    sums.squares += distance * (celsius - sums.mean);
  }

  #close(at: number): void {
    for (const [key, { n, min, max, mean, squares }] of this.#sums) {
      const stddev = Math.sqrt(squares / (n - 1));
      this.results += JSON.stringify({ key, end: this.#end, n, min, max, mean, stddev }).length;
    }
    this.#sums = new Map();
    this.#end = Math.floor(at / sizeMs) * sizeMs + sizeMs;
  }
}

async function handWritten(source: EventSource): Promise<void> {
  const loop = new Loop();
  const { head } = await source.info();
  for (let from = 0; from < head; ) {
    const { blocks, next } = await source.read({ from });
    for (const block of blocks)
      for (const { msg } of block.parse() as Envelope[]) loop.add(msg as Reading);
    from = next;
  }
  if (loop.results === 0) throw new Error("the loop has found nothing");
}

await withFolder(options, async (dir) => {
  await fill(join(dir, "log"));
  await using log = await LevelLog.open(join(dir, "log"));
  const contender = (name: string, work: () => Promise<unknown>) => {
    return { name, round: () => perCpuSecond(work) };
  };
  const windows: Readonly<Record<string, Window>> = {
    tumbling: tumbling({ sizeMs }),
    hopping: hopping({ sizeMs, slideMs: 2_000 }),
    session: session({ gapMs: 2_000 }),
  };
  const measured = await interleave(
    [
      contender("loop", () => handWritten(log)),
      ...Object.entries(windows).map(([name, window]) =>
        contender(name, () => throughRunner(log, dir, consumerWith(window))),
      ),
    ],
    counts,
  );
  const loop = measured.get("loop")!;
  for (const [name, rates] of measured) report.series(name, "events/s of CPU", rates);
  const ratio = ratios(measured.get("tumbling")!, loop);
  report.ratio("tumbling to the loop", ratio);
  report.target("ratio of tumbling to the loop", ratio.median, { atLeast: 0.6 });
  const targets = { tumbling: 250_000, hopping: 150_000, session: 150_000 };
  for (const [name, atLeast] of Object.entries(targets)) {
    const { median } = summarize(measured.get(name)!);
    report.target(`${name}, events/s of CPU`, median, { atLeast });
  }
});
report.finish();
