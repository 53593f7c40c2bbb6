import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { EventSource } from "../../bus/index.js";
import { boundedFeed, type Consumer, Runner, StateStore } from "../../consumers/index.js";

/**
 * Runs a consumer over all of a log, with commits, into a new store below `dir`; its outputs stay there.
 * Resolves with how many they are.
 */
export async function throughRunner(
  source: EventSource,
  dir: string,
  consumer: Consumer,
): Promise<number> {
  const store = await StateStore.open(await mkdtemp(join(dir, "store-")));
  const { head } = await source.info();
  const feed = boundedFeed(source, head);
  const runner = new Runner({ consumer, config: {}, store, source, feed });
  await runner.run();
  await store.close();
  const { progress } = runner;
  if (progress?.committedNext !== head) throw new Error("the runner did not come to the end");
  return progress.totals.outputs;
}
