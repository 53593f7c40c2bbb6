import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Block } from "../../bus/block/block.js";
import { encodeEnvelopes } from "../../bus/block/encode-batch.js";
import { admit } from "../../bus/broker/admission.js";
import { MemoryLog } from "../../bus/log/memory-log.js";
import {
  boundedFeed,
  type Consumer,
  completeConfig,
  hashState,
  outboxBatches,
  Runner,
  type RunnerLimits,
  StateStore,
  type Step,
} from "../../consumers/index.js";
import { EventGate, SchemaRegistry } from "../../schemas/index.js";

/** An event, and when the log is to record it. */
export interface Recorded {
  /** The log's time, ms; never falling. */
  readonly at: number;
  readonly topic?: string;
  readonly msg: unknown;
}

/** A log in memory that recorded these events at these times, and where its own time is at `endAt`. */
export async function recordedLog(events: readonly Recorded[], endAt: number): Promise<MemoryLog> {
  let now = 1;
  const log = new MemoryLog({ clock: () => now });
  const gate = new EventGate({ registry: new SchemaRegistry() });
  for (let from = 0; from < events.length; ) {
    now = events[from]!.at;
    let to = from;
    while (to < events.length && events[to]!.at === now) to++;
    const envelopes = events
      .slice(from, to)
      .map(({ topic = "in", msg }) => JSON.stringify({ topic, msg, timestamp: now / 1000 }));
    const run = { id: "p", epoch: 1, seq: from };
    await log.append([admit(gate, Block.decode(encodeEnvelopes(envelopes)), run).draft!]);
    from = to;
  }
  now = endAt;
  return log;
}

/** An output, as far as tests look at it. */
export interface Published {
  readonly topic: string;
  readonly msg: unknown;
  readonly timestamp: number;
  readonly headers: { readonly cause: Readonly<Record<string, unknown>> };
}

export interface RunOptions {
  readonly config?: unknown;
  readonly limits?: Partial<RunnerLimits>;
  readonly hook?: (step: Step) => void;
  /** Up to before this offset. Default: the head. */
  readonly to?: number;
  /** Default: a new one. */
  readonly dir?: string;
}

/** Runs a consumer over a log, once; what it published, and what it knows then. */
export async function runOver(log: MemoryLog, consumer: Consumer, options: RunOptions = {}) {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "fedbus-run-")));
  const store = await StateStore.open(dir, { durable: false });
  try {
    await runIn(store, log, consumer, options);
    const bytes: string[] = [];
    for await (const { block, count } of outboxBatches(store))
      for (let index = 0; index < count; index++)
        bytes.push(Block.decode(block).bytesOf(index).toString());
    const outputs = bytes.map((text) => JSON.parse(text) as Published);
    return { bytes, outputs, hash: await hashState(store, Number.MAX_SAFE_INTEGER) };
  } finally {
    await store.close();
    if (options.dir === undefined) await rm(dir, { recursive: true });
  }
}

async function runIn(store: StateStore, log: MemoryLog, consumer: Consumer, options: RunOptions) {
  const { limits, hook, to = log.head, config = {} } = options;
  const runner = new Runner({
    consumer,
    config: completeConfig(consumer, config),
    store,
    source: log,
    feed: boundedFeed(log, to),
    ...(limits && { limits }),
    ...(hook && { hook }),
  });
  await runner.run();
}
