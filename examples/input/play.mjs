// Plays a stream at speed, for plugins that answer each other: a model must not see what would only come later.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openBus } from "fedbus";
import { loadPlugin, runConsumer } from "fedbus/consumers";

const pollMs = 2;

/**
 * Runs plugins in this process, over a bus in memory, and gives them events a few at a time: the next ones come when all
 * plugins, in the order in which they are named, have dealt with those before. Then `report` is told the bus.
 * @param {{ folder: string, plugins: readonly string[] | Record<string, object>,
 *   steps: (bus: import("fedbus").Bus) => AsyncIterable<readonly object[]> | Iterable<readonly object[]>,
 *   report: (bus: import("fedbus").Bus) => Promise<void>, quietMs?: number }} options
 *   `plugins`: files in `folder`, or by file the configuration. `quietMs`: how long to wait at the end.
 */
export async function play({ folder, plugins, steps, report, quietMs = 0 }) {
  const home = await mkdtemp(join(tmpdir(), "fedbus-"));
  const bus = await openBus();
  const configured = Array.isArray(plugins)
    ? plugins.map((file) => [file, {}])
    : Object.entries(plugins);
  const running = [];
  try {
    for (const [file, config] of configured) {
      const { consumer } = await loadPlugin(file, { from: folder });
      running.push(start(bus, consumer, config, join(home, consumer.name)));
    }
    const publisher = bus.publisher();
    for await (const events of steps(bus)) {
      await publish(publisher, events);
      await settle(bus, running);
    }
    await publisher.close();
    await sleep(quietMs);
    await settle(bus, running);
    await report(bus);
  } finally {
    for (const { stop } of running) await stop();
    await bus.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** Envelopes, as they have times of their own. */
async function publish(publisher, events) {
  const outcomes = await publisher.publishEnvelopes(events.map((event) => JSON.stringify(event)));
  const refused = outcomes.find(({ error }) => error !== undefined);
  if (refused !== undefined) throw new Error(refused.error.message);
}

function start(bus, consumer, config, dir) {
  const ending = new AbortController();
  const one = { next: () => 0, failure: undefined, stop: undefined };
  const done = runConsumer(bus, consumer, {
    ...{ dir, config, signal: ending.signal },
    limits: { commitIntervalMs: 0 },
    onStart: (runner) => {
      one.next = () => runner.progress?.committedNext ?? 0;
    },
  }).catch((error) => {
    one.failure = error;
  });
  one.stop = () => {
    ending.abort();
    return done;
  };
  return one;
}

/** Each in turn comes to the log's end of that moment: what it says itself is for those after it. */
async function settle(bus, running) {
  for (const one of running) {
    const { head } = await bus.source.info();
    while (one.next() < head && one.failure === undefined) await sleep(pollMs);
    if (one.failure !== undefined) throw one.failure;
  }
}

/** The bodies of the events on a topic. */
export async function bodiesOn(bus, topic) {
  const bodies = [];
  for await (const { msg } of bus.query({ patterns: [topic] })) bodies.push(msg);
  return bodies;
}
