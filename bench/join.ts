// Joins through the runner over a durable log, beside a hand-written loop over the same events.
import { join as pathOf } from "node:path";
import { type EventSource, LevelLog, openBus } from "../bus/index.js";
import { type Consumer, join } from "../consumers/index.js";
import type { Envelope } from "../schemas/index.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios, summarize } from "./harness/statistics.js";
import { throughRunner } from "./harness/through-runner.js";

const options = readOptions();
const report = new Report("join", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 7 };
const events = options.quick ? 100_000 : 400_000;
/** Orders and payments in turn: a payment follows its order by this many events; one in ten never comes. */
const lag = 2_001;
const withinMs = 1_000;
const topics = { order: "org.example.bench.order", payment: "org.example.bench.payment" };

interface Row {
  readonly id: number;
  readonly at: number;
  readonly amount: number;
}

/** 10,000 events a second of event time. */
function eventAt(index: number): { topic: string; msg: Row } {
  const at = 1_700_000_000_000 + Math.floor(index / 10);
  const isOrder = index % 2 === 0;
  const of = isOrder ? index / 2 : (index - lag) / 2;
  const id = isOrder || (of >= 0 && of % 10 !== 0) ? of : -index;
  return { topic: isOrder ? topics.order : topics.payment, msg: { id, at, amount: index % 997 } };
}

async function fill(dir: string): Promise<void> {
  await using bus = await openBus({ dir });
  await using publisher = bus.publisher();
  for (let from = 0; from < events; from += 10_000)
    await publisher.publishMany(
      Array.from({ length: 10_000 }, (_, index) => eventAt(from + index)),
    );
}

const rowOf = (event: { readonly msg: unknown }): Row => event.msg as Row;

function consumerOf(kind: "inner" | "outer" | "unbounded"): Consumer {
  const common = {
    name: `bench-${kind}`,
    left: { topics: [topics.order], key: (event: { readonly msg: unknown }) => rowOf(event).id },
    right: { topics: [topics.payment], key: (event: { readonly msg: unknown }) => rowOf(event).id },
    watermark: { time: (event: { readonly msg: unknown }) => rowOf(event).at },
  } as const;
  const output = (left: Row | undefined, right: Row | undefined, key: string | undefined) => ({
    topic: "bench.joined",
    msg: { id: key ?? null, ordered: left?.amount ?? null, paid: right?.amount ?? null },
  });
  if (kind === "unbounded") return join<Row, Row>({ ...common, within: "unbounded", output });
  const within = { beforeMs: 0, afterMs: withinMs };
  if (kind === "inner") return join<Row, Row>({ ...common, within, output });
  return join<Row, Row>({ ...common, type: "outer", within, output });
}

/** Events a second of CPU time, of all threads together. */
async function perCpuSecond(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (events / (user + system)) * 1e6;
}

/** What somebody would write who needs just the inner join, once, of a log in order. */
async function handWritten(source: EventSource): Promise<void> {
  const waiting = new Map<number, Row>();
  let written = 0;
  const { head } = await source.info();
  for (let from = 0; from < head; ) {
    const { blocks, next } = await source.read({ from });
    for (const block of blocks)
      for (const { topic, msg } of block.parse() as Envelope[]) {
        const row = msg as Row;
        for (const [id, { at }] of waiting) {
          if (at + withinMs >= row.at) break;
          waiting.delete(id);
        }
        const order = waiting.get(row.id);
        if (topic === topics.order) waiting.set(row.id, row);
        else if (order !== undefined)
          written += JSON.stringify({ id: row.id, ordered: order.amount, paid: row.amount }).length;
      }
    from = next;
  }
  if (written === 0) throw new Error("the loop has found nothing");
}

await withFolder(options, async (dir) => {
  await fill(pathOf(dir, "log"));
  await using log = await LevelLog.open(pathOf(dir, "log"));
  const kinds = ["inner", "outer", "unbounded"] as const;
  const measured = await interleave(
    [
      { name: "loop", round: () => perCpuSecond(() => handWritten(log)) },
      ...kinds.map((kind) => ({
        name: kind,
        round: () => perCpuSecond(() => throughRunner(log, dir, consumerOf(kind))),
      })),
    ],
    counts,
  );
  for (const [name, rates] of measured) report.series(name, "events/s of CPU", rates);
  report.ratio("inner to the loop", ratios(measured.get("inner")!, measured.get("loop")!));
  const targets = { inner: 100_000, outer: 75_000, unbounded: 150_000 } as const;
  for (const [name, atLeast] of Object.entries(targets)) {
    const { median } = summarize(measured.get(name)!);
    report.target(`${name}, events/s of CPU`, median, { atLeast });
  }
});
report.finish();
