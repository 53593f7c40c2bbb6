import type { EventSource } from "../../bus/index.js";
import type { Checkpoint } from "../runner/checkpoint.js";
import type { NamedHome } from "./folder.js";
import { givenEnd } from "./given-end.js";
import type { PartitionStatus } from "./partition.js";
import { type ConsumerStatus, statusOf } from "./status.js";
import { checkpointsOf } from "./stores.js";
import { wantedEnd } from "./wanted-end.js";

/** How a consumer is that nobody runs, as its directory tells. Whoever asks must have taken it. */
export async function storedStatus(
  consumer: NamedHome,
  source: EventSource,
): Promise<ConsumerStatus> {
  const { name, home } = consumer;
  const { generation = 0, parallelism = 0, registration } = (await home.current()) ?? {};
  const checkpoints = await begunIn(consumer);
  const { head } = await source.info();
  const { topics = [], startAt = 0 } = registration ?? {};
  const from = checkpoints.length === 0 ? startAt : Math.min(...checkpoints.map((one) => one.next));
  const to = await wantedEnd(source, topics, head);
  const frame = {
    name,
    version: registration?.version ?? checkpoints[0]?.version ?? "",
    path: registration?.path ?? "",
    config: registration?.config ?? {},
    ...{ topics, generation, parallelism },
    end: { head, wantedEnd: await givenEnd(source, { name, topics }, { from, to }) },
    startAt,
    state: registration?.paused === true ? ("paused" as const) : undefined,
    error: undefined,
  };
  return statusOf(frame, checkpoints.map(partitionAt));
}

/** How the partitions of a consumer are while none of them runs. Whoever asks must have taken it. */
export async function storedPartitions(consumer: NamedHome): Promise<PartitionStatus[]> {
  return (await begunIn(consumer)).map(partitionAt);
}

async function begunIn(consumer: NamedHome): Promise<Checkpoint[]> {
  return (await checkpointsOf(consumer)).filter((one) => one !== undefined);
}

function partitionAt({ next, totals, watermark }: Checkpoint): PartitionStatus {
  const progress = { next, committedNext: next, ...totals };
  return {
    state: "stopped",
    progress: { ...progress, watermark: watermark?.current ?? null, rssBytes: 0 },
    rate: 0,
    restarts: 0,
  };
}
