import { Block, type EventSource } from "../../../bus/index.js";
import {
  boundedFeed,
  type Consumer,
  outboxBatches,
  Runner,
  type RunnerLimits,
  StateStore,
} from "../../../consumers/index.js";

export interface QueryRun {
  readonly source: EventSource;
  readonly consumer: Consumer;
  /** Where the consumer's store is made. */
  readonly dir: string;
  /** Whether its commits wait for the disk. Default true. */
  readonly durable?: boolean;
  readonly limits?: Partial<RunnerLimits>;
}

/**
 * Runs a query over all that a log has, as a replay does: with checkpoints, into a store of its own
 * that keeps the outputs.
 */
export async function runQuery(run: QueryRun): Promise<void> {
  const { source, consumer, dir, durable = true, limits = {} } = run;
  const store = await StateStore.open(dir, { durable });
  try {
    const { head } = await source.info();
    const runner = new Runner({
      consumer,
      config: {},
      store,
      source,
      feed: boundedFeed(source, head),
      limits,
    });
    await runner.run();
  } finally {
    await store.close();
  }
}

/** What a finished run has put out, in order. */
export async function* resultsIn(dir: string): AsyncGenerator<Record<string, unknown>> {
  const store = await StateStore.open(dir, { create: false });
  try {
    for await (const { block } of outboxBatches(store))
      for (const envelope of Block.decode(block).parse())
        yield (envelope as { msg: Record<string, unknown> }).msg;
  } finally {
    await store.close();
  }
}
