import type { Operation } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { Current } from "../home/home.js";
import { type Checkpoint, checkpointMeta, readCheckpoint } from "../runner/checkpoint.js";
import { firstSeq } from "../runner/outbox.js";
import type { WatermarkState } from "../runner/watermark.js";
import { entryRange, expiryIndexRange, timerRange } from "../store/keys.js";
import { StateStore } from "../store/state-store.js";
import { type NamedHome, nextGeneration, removeOtherGenerations } from "./folder.js";
import type { Moment } from "./messages.js";
import { checkpointsOf, eachStore } from "./stores.js";

/** Where the key group stands in the keys of entries, of timers, and of the index of what expires. */
const groupAt = { entry: 1, timer: 10, expiry: 9 } as const;
/** Entries written at once. */
const stepEntries = 1_000;

export interface DivideOptions {
  /** How many partitions there are to be. */
  readonly parallelism: number;
  /** Where all partitions have come to, with no outputs left; undefined if none began. */
  readonly moment: Moment | undefined;
  /** Called at each step: for tests that end the process there. */
  readonly hook?: () => void;
}

/** Where all partitions must come to before they can be divided anew; undefined if none began. */
export async function meetingPoint(consumer: NamedHome): Promise<Moment | undefined> {
  const began = (await checkpointsOf(consumer)).filter((one) => one !== undefined);
  if (began.length === 0) return undefined;
  return {
    next: Math.max(...began.map(({ next }) => next)),
    time: Math.max(...began.map(({ time }) => time)),
  };
}

/**
 * Divides the state over another number of partitions: into a new generation, which counts from the
 * moment that it is complete. Until then a crash changes nothing; after it, nothing is left to do.
 */
export async function divideAnew(consumer: NamedHome, options: DivideOptions): Promise<Current> {
  const { home } = consumer;
  const { parallelism, moment, hook = () => {} } = options;
  const current = {
    ...(await home.current()),
    generation: await nextGeneration(home),
    parallelism,
  };
  hook();
  if (moment !== undefined) await copyInto(consumer, current, moment, hook);
  await home.switchTo(current);
  hook();
  await removeOtherGenerations(home);
  return current;
}

async function copyInto(
  consumer: NamedHome,
  to: Current,
  moment: Moment,
  hook: () => void,
): Promise<void> {
  const targets: StateStore[] = [];
  try {
    for (let partition = 0; partition < to.parallelism; partition++) {
      targets.push(await StateStore.open(consumer.home.storeDir(to, partition)));
      hook();
    }
    const checkpoints = await eachStore(consumer, async (store) => {
      await copyGroups(store, targets, hook);
      return await arrived(store, moment);
    });
    for (const [partition, target] of targets.entries()) {
      await target.commit([], checkpointMeta(dividedCheckpoint(checkpoints, partition, to)));
      hook();
    }
  } finally {
    for (const target of targets) await target.close();
  }
}

/** The checkpoint of a store that is where it should be. */
async function arrived(store: StateStore, moment: Moment): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(store);
  const left = await firstSeq(store);
  if (checkpoint?.next === moment.next && left === undefined) return checkpoint;
  throw new FedbusError("INTERNAL", "a partition is not where all should meet", {
    details: { at: checkpoint?.next, moment, hasOutputs: left !== undefined },
  });
}

async function copyGroups(
  store: StateStore,
  targets: readonly StateStore[],
  hook: () => void,
): Promise<void> {
  for (const [range, at] of [
    [entryRange, groupAt.entry],
    [timerRange, groupAt.timer],
    [expiryIndexRange, groupAt.expiry],
  ] as const)
    for await (const step of store.steps(range, stepEntries)) await put(step, at, targets, hook);
}

async function put(
  step: readonly [Buffer, Buffer][],
  at: number,
  targets: readonly StateStore[],
  hook: () => void,
): Promise<void> {
  for (const [partition, target] of targets.entries()) {
    const operations: Operation[] = step
      .filter(([key]) => key[at]! % targets.length === partition)
      .map(([key, value]) => ({ type: "put", key, value }));
    if (operations.length === 0) continue;
    await target.commit(operations, {});
    hook();
  }
}

/** What all partitions know, and of what each knows alone the part that is the new one's. */
function dividedCheckpoint(
  checkpoints: readonly Checkpoint[],
  partition: number,
  { parallelism }: Current,
): Checkpoint {
  const [first, ...rest] = checkpoints as [Checkpoint, ...Checkpoint[]];
  const counts = checkpoints.flatMap(({ cause }) => Object.entries(cause.counts));
  const own = counts.filter(([group]) => Number(group) % parallelism === partition);
  const watermark = rest.map((one) => one.watermark).reduce(later, first.watermark);
  return {
    ...first,
    time: Math.max(...checkpoints.map(({ time }) => time)),
    nextSeq: 0,
    cause: { offset: first.cause.offset, counts: Object.fromEntries(own) },
    ...(watermark === undefined ? {} : { watermark }),
    totals: partition === 0 ? summed(checkpoints) : { handled: 0, outputs: 0, deadLetters: 0 },
  };
}

function later(a: WatermarkState | undefined, b: WatermarkState | undefined) {
  if (a === undefined || b === undefined) return a ?? b;
  const none = Number.NEGATIVE_INFINITY;
  return (a.current ?? none) >= (b.current ?? none) ? a : b;
}

function summed(checkpoints: readonly Checkpoint[]): Checkpoint["totals"] {
  const sum = (name: keyof Checkpoint["totals"]): number =>
    checkpoints.reduce((total, { totals }) => total + totals[name], 0);
  return { handled: sum("handled"), outputs: sum("outputs"), deadLetters: sum("deadLetters") };
}
