// Scoring events: ONNX Runtime behind its door beside the bare package; and a consumer that serves, from stored
// bytes to stored predictions, beside a hand-written loop that parses, scores and writes JSON.
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  type BusEvent,
  type EventSource,
  LevelLog,
  openBus,
  silentLogger,
} from "../../bus/index.js";
import { type Consumer, StateStore } from "../../consumers/index.js";
import { GraphBuilder } from "../../consumers/models/onnx/graph-builder.js";
import { ModelSession } from "../../consumers/models/runtime/model-session.js";
import { AlarmClock } from "../../consumers/runner/alarm-clock.js";
import { lookingAhead } from "../../consumers/runner/look-ahead.js";
import { OutputWriter } from "../../consumers/runner/output-writer.js";
import { Deliveries } from "../../consumers/runner/redelivery.js";
import { RunContext } from "../../consumers/runner/run-context.js";
import { Watermark } from "../../consumers/runner/watermark.js";
import { serve } from "../../consumers/serve/serve.js";
import type { Envelope } from "../../schemas/index.js";
import { readOptions, withFolder } from "../harness/options.js";
import { Report } from "../harness/report.js";
import { interleave } from "../harness/rounds.js";
import { ratios, summarize } from "../harness/statistics.js";
import { throughRunner } from "../harness/through-runner.js";

const options = readOptions();
const report = new Report("models/serving", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 9 };
const width = 20;
const batch = 256;
const events = options.quick ? 100_000 : 300_000;
const batches = options.quick ? 2_000 : 10_000;
const columns = Array.from({ length: width }, (_, index) => `f${index}`);

/** Numbers that are nothing special, the same ones each time. */
function numbers(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * 12.9898 + salt));
}

const card = JSON.stringify({
  ...{ task: "binary", version: 1 },
  features: {
    columns,
    list: columns.map((name) => ({ name, path: `msg.${name}`, encoder: { kind: "number" } })),
  },
});

/** Standardises, then a logistic regression, or a perceptron with a hidden layer of 64. */
function modelFile(hidden: number): Buffer {
  const graph = new GraphBuilder("model");
  const input = graph.input("features", ["N", width]);
  const centred = graph.node("Sub", [input, graph.constant([width], numbers(width, 1))]);
  let value = graph.node("Div", [centred, graph.constant([width], numbers(width, 2).fill(2))]);
  let size = width;
  if (hidden > 0) {
    const weights = graph.constant([width, hidden], numbers(width * hidden, 3));
    const bias = graph.constant([hidden], numbers(hidden, 4));
    value = graph.node("Relu", [graph.node("Gemm", [value, weights, bias])]);
    size = hidden;
  }
  const weights = graph.constant([size, 1], numbers(size, 5));
  const raw = graph.node("Gemm", [value, weights, graph.constant([1], numbers(1, 6))]);
  graph.output(graph.node("Sigmoid", [raw]), "prediction", ["N", 1]);
  return graph.encode({ "fedbus.model": card });
}

/** `count` a second of CPU time, of all threads together. */
async function perCpuSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (count / (user + system)) * 1e6;
}

async function bare(file: Buffer): Promise<InferenceSession> {
  return await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

/** The door to ONNX Runtime beside what is behind it. */
async function besideBare(name: string, file: Buffer): Promise<void> {
  const session = await bare(file);
  await using own = await ModelSession.open(file);
  const rows = numbers(batch * width, 7);
  const contender = (of: string, run: () => Promise<unknown>) => ({
    name: of,
    round: () =>
      perCpuSecond(batches * batch, async () => {
        for (let index = 0; index < batches; index++) await run();
      }),
  });
  const measured = await interleave(
    [
      contender("bare", () => session.run({ features: new Tensor(rows, [batch, width]) })),
      contender("fedbus", () => own.run(rows, width)),
    ],
    counts,
  );
  for (const [of, rates] of measured) report.series(`${name}, ${of}`, "rows/s of CPU", rates);
  const ratio = ratios(measured.get("fedbus")!, measured.get("bare")!);
  report.ratio(`${name} at ${batch}`, ratio);
  report.target(`${name}, ratio to bare ONNX Runtime`, ratio.median, { atLeast: 0.8 });
  await session.release();
}

type Row = Readonly<Record<string, number>>;

async function fill(dir: string, file: Buffer): Promise<void> {
  await using bus = await openBus({ dir });
  const sha256 = await bus.blobs.put(file);
  await using publisher = bus.publisher();
  await publisher.publish("models.bench.promoted", { sha256, version: 1 });
  for (let from = 0; from < events; from += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, index) => {
      const values = numbers(width, from + index);
      const msg = Object.fromEntries(
        columns.map((name, at) => [name, Math.round(values[at]! * 1e4) / 1e4]),
      );
      return { topic: "org.example.bench.row", msg };
    });
    await publisher.publishMany(rows);
  }
}

/** What somebody would write who needs just this, once: no state, no restart, nothing stored. */
async function handWritten(source: EventSource, session: InferenceSession): Promise<void> {
  const { head } = await source.info();
  let bytes = 0;
  let waiting: Row[] = [];
  const score = async (): Promise<void> => {
    const rows = new Float32Array(waiting.length * width);
    for (const [row, values] of waiting.entries())
      for (let at = 0; at < width; at++) rows[row * width + at] = values[columns[at]!]!;
    const { prediction } = await session.run({
      features: new Tensor(rows, [waiting.length, width]),
    });
    const outputs = prediction!.data as Float32Array;
    for (const output of outputs)
      bytes += JSON.stringify({ model: "bench", output, decision: output >= 0.5 }).length;
    waiting = [];
  };
  for (let from = 1; from < head; ) {
    const { blocks, next } = await source.read({ from });
    for (const block of blocks)
      for (const { msg } of block.parse() as Envelope[]) {
        waiting.push(msg as Row);
        if (waiting.length === batch) await score();
      }
    from = next;
  }
  if (waiting.length > 0) await score();
  if (bytes === 0) throw new Error("the loop has scored nothing");
}

let stores = 0;

/** The consumer by itself: all it does to an event, up to the bytes of its prediction, but nothing is stored. */
async function throughHandlers(log: LevelLog, dir: string, consumer: Consumer): Promise<void> {
  const store = await StateStore.open(join(dir, `store-${stores++}`));
  const cause = { offset: -1, counts: {} };
  const writer = new OutputWriter({ consumer: "bench", version: "0" }, { nextSeq: 0, cause });
  const watermark = new Watermark({}, undefined);
  const context = new RunContext({
    ...{ consumer: "bench", config: {}, replay: false, lookups: {}, answers: undefined },
    ...{ store, writer, watermark, alarms: new AlarmClock(watermark, 1_000), blobs: log.blobs },
    ...{ logger: silentLogger, signal: new AbortController().signal },
  });
  const deliveries = new Deliveries("bench", consumer.topics({}));
  const handlers = consumer.create({
    name: "bench",
    config: {},
    replay: false,
    logger: silentLogger,
  });
  const { head } = await log.info();
  let outputs = 0;
  for (let from = 0; from < head; ) {
    const { blocks, next } = await log.read({ from });
    const begin = (event: BusEvent): void => handlers.prefetch?.(event, context);
    const { prefetchEventsMax = 1_000 } = handlers;
    for (const event of lookingAhead(deliveries.inAll(blocks), prefetchEventsMax, begin)) {
      context.place(0, event.recordedAt, event.offset, 0);
      writer.causedBy(event.offset);
      const waiting = handlers.handle(event, context);
      if (waiting !== undefined) await waiting;
    }
    for (const { count } of writer.take()) outputs += count;
    from = next;
  }
  await handlers.close?.();
  await store.close();
  if (outputs !== events + 1) throw new Error("some events were not scored");
}

async function served(source: EventSource, dir: string, consumer: Consumer): Promise<void> {
  const outputs = await throughRunner(source, dir, consumer);
  if (outputs !== events + 1) throw new Error("some events were not scored");
}

/** From stored bytes to stored predictions. */
async function pipeline(name: string, file: Buffer, dir: string): Promise<void> {
  await fill(join(dir, "log"), file);
  await using log = await LevelLog.open(join(dir, "log"));
  const session = await bare(file);
  const topics = ["org.example.bench.row"];
  const consumer = serve({ name: "bench", topics, model: "bench", output: "bench.scored" });
  const measured = await interleave(
    [
      { name: "loop", round: () => perCpuSecond(events, () => handWritten(log, session)) },
      {
        name: "serve, nothing stored",
        round: () => perCpuSecond(events, () => throughHandlers(log, dir, consumer)),
      },
      {
        name: "serve, stored",
        round: () => perCpuSecond(events, () => served(log, dir, consumer)),
      },
    ],
    counts,
  );
  for (const [of, rates] of measured) report.series(`${name}, ${of}`, "events/s of CPU", rates);
  const loop = measured.get("loop")!;
  for (const of of ["serve, nothing stored", "serve, stored"])
    report.ratio(`${of}, to the loop`, ratios(measured.get(of)!, loop));
  const { median } = summarize(measured.get("serve, nothing stored")!);
  report.target(`parse, features, predict, event: events/s of CPU`, median, { atLeast: 200_000 });
  await session.release();
}

for (const [name, hidden] of [
  ["logistic", 0],
  ["MLP", 64],
] as const)
  await besideBare(name, modelFile(hidden));
await withFolder(options, (dir) => pipeline("logistic", modelFile(0), dir));
report.finish();
