import type { Bus } from "../../bus/index.js";
import { consumer, Runner, type StateStore, type Step } from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";

export interface DrainOptions {
  readonly bus: Bus;
  /** The consumer's name. */
  readonly name: string;
  /** Whose outputs they are. */
  readonly producer: string;
  readonly signal?: AbortSignal;
  readonly hook?: (step: Step) => void;
}

/**
 * Publishes what lies in a store's outbox, and handles nothing: a run over no events at all. So what
 * the hub refuses becomes a dead letter, as ever.
 */
export async function drainOutbox(store: StateStore, options: DrainOptions): Promise<void> {
  const { bus, name, producer, signal, hook } = options;
  const checkpoint = await readCheckpoint(store);
  if (checkpoint === undefined) return;
  const idle = consumer({ name, version: checkpoint.version, topics: ["#"], handle: () => {} });
  const runner = new Runner({
    consumer: idle,
    config: {},
    store,
    source: bus.source,
    feed: nothing,
    openSink: (place) => bus.sink({ producer, ...place }),
    ...(signal !== undefined && { signal }),
    ...(hook !== undefined && { hook }),
  });
  await runner.run();
  signal?.throwIfAborted();
}

async function* nothing(): AsyncGenerator<never> {}
