import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Block, type Bus, type BusEvent, eventsOf, openBus } from "../../bus/index.js";
import {
  boundedFeed,
  type Consumer,
  hashState,
  outboxBatches,
  Runner,
  type RunnerLimits,
  type RunnerOptions,
  StateStore,
} from "../../consumers/index.js";

/** An event to publish. */
export interface Given {
  readonly topic: string;
  readonly msg: unknown;
  /** When it is recorded, ms after `logStart`; never before the one before it. Default: with that one. */
  readonly at?: number;
}

/** The log's time at which `Given.at` begins, ms: later than now, for a log's time never goes back. */
export const logStart = 4_000_000_000_000;

/** A bus in memory that holds `events`, each recorded at its own time; its clock ends at `endAt`. */
export async function busOf(events: readonly Given[], endAt = 0): Promise<Bus> {
  let now = logStart;
  const bus = await openBus({ clock: () => now });
  await using publisher = bus.publisher();
  for (let from = 0; from < events.length; ) {
    now = Math.max(now, logStart + (events[from]!.at ?? 0));
    let to = from + 1;
    while (to < events.length && logStart + (events[to]!.at ?? 0) <= now) to++;
    await publisher.publishMany(events.slice(from, to).map(({ topic, msg }) => ({ topic, msg })));
    from = to;
  }
  now = Math.max(now, logStart + endAt);
  return bus;
}

/** How a consumer is run over a log. */
export interface Over {
  readonly limits?: Partial<RunnerLimits>;
  /** The steps of the runner at which it is ended and started again, counted from the start. */
  readonly crashAt?: readonly number[];
  readonly runner?: Partial<RunnerOptions>;
}

/** What came of a run. */
export interface Outcome {
  readonly outputs: readonly BusEvent[];
  /** The outputs' bytes, joined. */
  readonly bytes: string;
  /** Of the state at the end. */
  readonly sha256: string;
  readonly timers: number;
  readonly entries: number;
}

class Crash extends Error {}

/** Runs `consumer` over everything on the bus, with a real store, and takes its outputs from there. */
export async function over(bus: Bus, consumer: Consumer, options: Over = {}): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), "fedbus-over-"));
  const crashes = new Set(options.crashAt);
  let steps = 0;
  const hook = (): void => {
    if (crashes.delete(++steps)) throw new Crash();
  };
  try {
    for (;;) {
      const store = await StateStore.open(dir, { durable: false });
      try {
        await runOnce(bus, consumer, store, options, hook);
        return await outcomeOf(store);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      } finally {
        await store.close();
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function runOnce(
  { source }: Bus,
  consumer: Consumer,
  store: StateStore,
  { limits = {}, runner = {} }: Over,
  hook: () => void,
): Promise<void> {
  const { head } = await source.info();
  const feed = boundedFeed(source, head);
  const config = {};
  await new Runner({ consumer, config, store, source, feed, limits, hook, ...runner }).run();
}

/** What a run has left in its store. */
export async function outcomeOf(store: StateStore): Promise<Outcome> {
  const outputs: BusEvent[] = [];
  const bytes: string[] = [];
  for await (const { block } of outboxBatches(store))
    for (const event of eventsOf(Block.decode(block))) {
      outputs.push(event);
      bytes.push(event.bytes.toString());
    }
  const hash = await hashState(store, 0);
  return { outputs, bytes: bytes.join("\n"), ...hash };
}
