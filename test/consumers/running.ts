import type { Test } from "tap";
import { type Bus, type BusEvent, openBus } from "../../bus/index.js";
import {
  type Consumer,
  type RunConsumerOptions,
  type Runner,
  runConsumer,
} from "../../consumers/index.js";

/** A bus in memory that ends with the test. */
export async function memoryBus(t: Test): Promise<Bus> {
  const bus = await openBus();
  t.teardown(() => bus.close());
  return bus;
}

/** A consumer that runs until it is stopped. */
export interface Running {
  /** Resolves when it has handled, and published, everything up to the log's head of this moment. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
  /** Settles with the run. */
  readonly done: Promise<void>;
}

/** Starts a consumer on a bus, in this process; its state lies in `options.dir`. */
export function start(bus: Bus, consumer: Consumer, options: RunConsumerOptions): Running {
  const ending = new AbortController();
  let runner: Runner | undefined;
  const done = runConsumer(bus, consumer, {
    limits: { commitIntervalMs: 0 },
    ...options,
    signal: ending.signal,
    onStart: (started) => {
      runner = started;
    },
  });
  let ended = false;
  done.then(
    () => {
      ended = true;
    },
    () => {
      ended = true;
    },
  );
  return {
    done,
    caughtUp: async () => {
      const { head } = await bus.source.info();
      const isDone = (): boolean =>
        (runner?.progress?.committedNext ?? 0) >= head && runner?.isPublished === true;
      while (!isDone() && !ended) await new Promise((resolve) => setTimeout(resolve, 5));
      if (ended) await done;
    },
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}

/** All stored events that match. */
export async function eventsOn(bus: Bus, ...patterns: string[]): Promise<BusEvent[]> {
  const events: BusEvent[] = [];
  for await (const event of bus.query({ patterns })) events.push(event);
  return events;
}
