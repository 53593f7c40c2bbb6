import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Bus } from "../../bus/index.js";
import {
  borrowOwnership,
  type Current,
  type NamedHome,
  type Registration,
  StateStore,
} from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { nextGeneration, removeOtherGenerations } from "../../consumers/supervisor/folder.js";
import { divideAnew, meetingPoint } from "../../consumers/supervisor/rescale.js";
import type { Replay } from "../engine/replay.js";
import { CauseLanes } from "../outputs/cause-lanes.js";
import { loggedOutputs } from "../outputs/logged-outputs.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import type { Totals } from "../whatif/report.js";
import { drainOutbox } from "./drain.js";
import { LiveStores } from "./live-stores.js";
import { buildGeneration } from "./new-generation.js";
import { type PromotedOutputs, Publication } from "./publication.js";

export interface PromoteOptions {
  /** Where the consumer's outputs are. */
  readonly bus: Bus;
  readonly consumer: NamedHome;
  /** Open; its source is the bus's log. It is closed, and its directory removed, at the end. */
  readonly replay: Replay;
  /** Which outputs are published. Default "differences". */
  readonly outputs?: PromotedOutputs;
  /** What runs from now on, to be noted. Default: as before. */
  readonly registration?: Pick<Registration, "path" | "version" | "config" | "topics">;
  readonly signal?: AbortSignal;
  /** Called at each step: for tests that end the process there. */
  readonly hook?: () => void;
}

/** What came of a promotion. */
export interface Promotion {
  readonly generation: number;
  /** The offset that the consumer goes on at. */
  readonly next: number;
  readonly totals: Totals;
}

/**
 * Puts a replay's state in the place of a consumer's own, and publishes how its outputs differ, both
 * or neither: the new generation carries the outputs in its outbox, and counts from the moment that
 * `current.json` names it. A crash before that leaves everything as it was; after it, whoever runs
 * the consumer next, or promotes again, publishes what is left.
 *
 * A consumer that runs must be paused; its supervisor lends it, and goes on with what it finds then.
 * Rejects with CONSUMER_IN_USE or STATE_IN_USE while the consumer runs, with AbortError, and as
 * `Replay.run` does.
 */
export async function promote(options: PromoteOptions): Promise<Promotion> {
  const { consumer, replay, hook = () => {} } = options;
  const ownership = await borrowOwnership(consumer);
  try {
    const { current, totals, parallelism } = await switchOver(options);
    await publish(options, current);
    // A replay runs in one process: its state is divided only now that nothing is left to publish.
    if (current.parallelism !== parallelism)
      await divideAnew(consumer, { parallelism, moment: await meetingPoint(consumer), hook });
    const { next } = (await readCheckpoint(replay.store))!;
    await replay.close();
    await rm(replay.dir, { recursive: true, force: true });
    return { generation: current.generation, next, totals };
  } finally {
    await ownership.release();
  }
}

/** Everything up to where the new generation counts. */
async function switchOver(options: PromoteOptions) {
  const { bus, consumer, replay, signal, hook = () => {} } = options;
  const { home } = consumer;
  await using live = await LiveStores.open(consumer);
  hook();
  await live.settle(bus, signal === undefined ? {} : { signal });
  hook();
  const promoted = await live.promoted();
  if (promoted?.id === replay.plan.id) {
    // An earlier process came this far.
    return { current: live.current!, ...promoted };
  }
  const { head } = await bus.source.info();
  await replay.extend(Math.max(head, await live.next()));
  await replay.run();
  signal?.throwIfAborted();
  // Before the events that name them.
  for (const { sha256 } of await replay.blobs.list())
    await bus.blobs.put(await replay.blobs.get(sha256));
  await using lanes = new CauseLanes(join(replay.dir, "lanes"));
  const { from } = replay.plan;
  const to = (await bus.source.info()).head;
  await lanes.fill(
    loggedOutputs(bus.source, consumer.name, { from, to, lineage: live.current?.lineage }),
  );
  hook();
  const { parallelism = 1 } = live.current ?? {};
  const current = {
    ...live.current,
    ...runningNow(options, live.current?.registration),
    generation: await nextGeneration(home),
    parallelism: 1,
  };
  const publication = await publicationOf(options, lanes, current);
  await mkdir(home.storeDir(current, 0), { recursive: true });
  await buildGeneration(replay, home.storeDir(current, 0), publication, { parallelism, hook });
  hook();
  await home.switchTo(current);
  hook();
  return { current, parallelism, totals: publication.totals };
}

async function publicationOf(
  { consumer: { name }, replay, outputs = "differences" }: PromoteOptions,
  lanes: CauseLanes,
  { generation }: Current,
): Promise<Publication> {
  const { next, time, cause } = (await readCheckpoint(replay.store))!;
  const { version, from } = replay.plan;
  return new Publication({
    by: { consumer: name, version, generation },
    olds: () => lanes.read(),
    news: () => storedOutputs(replay.store),
    place: { next, time, cause: cause.offset },
    outputs,
    from,
  });
}

/** What runs from now on. */
function runningNow(
  { replay, registration }: PromoteOptions,
  before: Registration | undefined,
): Pick<Current, "registration"> {
  if (registration === undefined) return {};
  const { paused = false, topics } = before ?? {};
  return {
    registration: {
      ...(topics !== undefined && { topics }),
      ...registration,
      startAt: replay.plan.from,
      paused,
    },
  };
}

/** What the new generation has to publish. */
async function publish(options: PromoteOptions, current: Current): Promise<void> {
  const { bus, consumer, signal, hook = () => {} } = options;
  const { name, home } = consumer;
  await removeOtherGenerations(home);
  hook();
  for (let partition = 0; partition < current.parallelism; partition++) {
    const store = await StateStore.open(home.storeDir(current, partition));
    try {
      const producer = home.producer(name, current, partition);
      await drainOutbox(store, { bus, name, producer, hook, ...(signal && { signal }) });
    } finally {
      await store.close();
    }
  }
}
