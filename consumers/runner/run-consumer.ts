import type { Bus, Logger, StartAt } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { ConsumerHome, type Current } from "../home/home.js";
import { completeConfig } from "../plugin/config.js";
import type { Consumer } from "../plugin/consumer.js";
import { StateStore } from "../store/state-store.js";
import { liveFeed } from "./feed.js";
import type { RunnerLimits } from "./limits.js";
import { Runner } from "./runner.js";
import type { Partition, Step } from "./runner-parts.js";

export interface RunConsumerOptions<Config = unknown> {
  /** The consumer's directory: its state. One process at a time. */
  readonly dir: string;
  /** Its configuration: it is checked, and its defaults are filled in. Default `{}`. */
  readonly config?: Config;
  /** Where it starts when it has never run. Default "earliest". */
  readonly from?: StartAt;
  /** Which process of several this is. Default: the only one. */
  readonly partition?: Partition;
  readonly limits?: Partial<RunnerLimits>;
  /** How the process before this one ended. */
  readonly diedOf?: string;
  readonly logger?: Logger;
  /** Ends the run, after what is being handled. */
  readonly signal?: AbortSignal;
  readonly hook?: (step: Step) => void;
  /** Told once the consumer's place is known. */
  readonly onStart?: (runner: Runner) => void;
}

const alone: Partition = { index: 0, count: 1 };

/**
 * Runs a consumer on a bus, in this process, until `signal` is aborted. Rejects with OPTIONS_INVALID, and
 * with what `Runner.run` and opening a store reject with.
 */
export async function runConsumer<Config = unknown>(
  bus: Bus,
  plugin: Consumer<Config>,
  options: RunConsumerOptions<Config>,
): Promise<void> {
  const consumer = plugin as Consumer;
  const { dir, from = "earliest", partition = alone, config = {}, onStart, ...rest } = options;
  const completed = completeConfig(consumer, config);
  const home = new ConsumerHome(dir);
  const current = await currentOf(home, partition.count);
  const store = await StateStore.open(home.storeDir(current, partition.index));
  try {
    const runner = new Runner({
      ...rest,
      consumer,
      config: completed,
      store,
      partition,
      source: bus.source,
      blobs: bus.blobs,
      feed: liveFeed(bus.source),
      startAt: await offsetOf(bus, from),
      openSink: (place) =>
        bus.sink({ producer: home.producer(consumer.name, current, partition.index), ...place }),
      inFlightPath: home.inFlightPath(current, partition.index),
    });
    onStart?.(runner);
    await runner.run();
  } finally {
    await store.close();
  }
}

async function currentOf(home: ConsumerHome, parallelism: number): Promise<Current> {
  const current = await home.current();
  if (current?.parallelism === parallelism) return current;
  if (current !== undefined)
    throw new FedbusError(
      "OPTIONS_INVALID",
      `the consumer's state is of ${current.parallelism} processes, not ${parallelism}`,
    );
  const first = { generation: 1, parallelism };
  await home.switchTo(first);
  return first;
}

async function offsetOf(bus: Bus, from: StartAt): Promise<number> {
  if (typeof from === "object" && "offset" in from) return from.offset;
  if (typeof from === "object") return await bus.source.offsetAtTime(from.time);
  const { first, head } = await bus.source.info();
  return from === "live" ? head : first;
}
