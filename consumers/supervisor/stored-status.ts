import type { EventSource } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { type Checkpoint, readCheckpoint } from "../runner/checkpoint.js";
import type { NamedHome } from "./folder.js";
import { logEnd } from "./log-end.js";
import type { HostProgress } from "./messages.js";
import type { PartitionStatus } from "./partition.js";
import { type ConsumerStatus, nextOf, statusOf } from "./status.js";
import { eachStore } from "./stores.js";

/** How a consumer is that nobody runs, as its directory tells. Whoever asks must have taken it. */
export async function storedStatus(
  consumer: NamedHome,
  source: EventSource,
): Promise<ConsumerStatus> {
  const { name, home } = consumer;
  const { generation = 0, parallelism = 0, registration } = (await home.current()) ?? {};
  const checkpoints = [...(await begunIn(consumer)).values()];
  const partitions = checkpoints.map(partitionAt);
  const { topics = [], startAt = 0 } = registration ?? {};
  const frame = {
    name,
    version: registration?.version ?? checkpoints[0]?.version ?? "",
    path: registration?.path ?? "",
    config: registration?.config ?? {},
    ...{ topics, generation, parallelism },
    end: await logEnd(source, { name, topics, next: nextOf(partitions, startAt) }),
    startAt,
    state: registration?.paused === true ? ("paused" as const) : undefined,
    error: undefined,
  };
  return statusOf(frame, partitions);
}

/** How the partitions of a consumer are while none of them runs. Whoever asks must have taken it. */
export async function storedPartitions(consumer: NamedHome): Promise<PartitionStatus[]> {
  return [...(await begunIn(consumer)).values()].map(partitionAt);
}

/**
 * How far the partitions have come that have begun, by their numbers, before their processes say so
 * themselves. None of them if a store cannot be read: its process will say why.
 */
export async function storedProgress(
  consumer: NamedHome,
): Promise<ReadonlyMap<number, HostProgress>> {
  try {
    const begun = await begunIn(consumer);
    return new Map([...begun].map(([index, checkpoint]) => [index, progressAt(checkpoint)]));
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return new Map();
  }
}

async function begunIn(consumer: NamedHome): Promise<ReadonlyMap<number, Checkpoint>> {
  const begun = new Map<number, Checkpoint>();
  await eachStore(consumer, async (store, index) => {
    const checkpoint = await readCheckpoint(store);
    if (checkpoint !== undefined) begun.set(index, checkpoint);
  });
  return begun;
}

function partitionAt(checkpoint: Checkpoint): PartitionStatus {
  return { state: "stopped", progress: progressAt(checkpoint), rate: 0, restarts: 0 };
}

function progressAt({ next, totals, watermark }: Checkpoint): HostProgress {
  const progress = { next, committedNext: next, ...totals };
  return { ...progress, watermark: watermark?.current ?? null, rssBytes: 0 };
}
