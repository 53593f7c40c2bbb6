import type { TopicFilter } from "../../../schemas/topic-filter.js";
import { Block } from "../../block/block.js";
import type { TrimLimits } from "../front-cut.js";
import { Losses, type TrimPlan } from "../trim-plan.js";
import { findFront } from "./front-trim.js";
import type { LogCore } from "./log-core.js";
import { findHorizon } from "./pattern-trim.js";
import type { Storage } from "./storage.js";
import { tryDecode } from "./stored-block.js";

/** Entries of a topic read together. */
const windowEntries = 1_024;

/** What is asked about; without a filter, the whole log's front. */
interface Question {
  readonly filter?: TopicFilter;
  readonly limits: TrimLimits;
  readonly step: () => void;
}

/** What a trim would remove, from the index alone but for a block of which only a part would go. */
export async function planLevelTrim(
  core: LogCore,
  storage: Storage,
  { filter, limits, step }: Question,
): Promise<TrimPlan> {
  const { topics } = storage.index;
  const losses = new Losses();
  if (filter === undefined) {
    const { last } = await findFront(core, storage.index, limits);
    const first = last?.nextOffset ?? core.first;
    for (const topic of topics.olderThan(first)) {
      step();
      losses.add(topic, await lossOf(storage, topic, first));
    }
    return losses.plan(first);
  }
  const matching = topics.matching(filter);
  const horizon = await findHorizon(core, storage, matching, { limits, step });
  const part = await storage.index.holding(horizon - 1);
  const isPart = part !== undefined && part.nextOffset > horizon;
  for (const topic of matching) {
    step();
    losses.add(topic, await lossOf(storage, topic, isPart ? part.firstOffset : horizon));
  }
  if (isPart) {
    const bytes = await storage.blocks.raw(part.firstOffset);
    const block = bytes === undefined ? "" : tryDecode(part.firstOffset, bytes);
    if (block instanceof Block) losses.addBlock(block, horizon, (topic) => filter.test(topic));
  }
  return losses.plan(core.first);
}

/** What the topic has in blocks that start before `end`. */
async function lossOf({ index }: Storage, topic: string, end: number) {
  const loss = { count: 0, bytes: 0 };
  for (let from = 0; ; ) {
    const entries = await index.topicEntries(topic, { from, to: end }, { limit: windowEntries });
    for (const { count, bytes } of entries) {
      loss.count += count;
      loss.bytes += bytes;
    }
    if (entries.length < windowEntries) return loss;
    from = entries.at(-1)!.start + 1;
  }
}
