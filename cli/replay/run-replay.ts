import { setTimeout as sleep } from "node:timers/promises";
import type { BusEvent } from "../../bus/index.js";
import type { Pace } from "./pace.js";
import type { ReplaySink } from "./sink.js";

/** Events handed over at once, at most. */
const batchMax = 500;

/** Hands every event to the sink when it is due. Resolves with how many; rejects on abort. */
export async function runReplay(
  events: AsyncIterable<BusEvent>,
  sink: ReplaySink,
  options: {
    readonly pace: Pace;
    readonly signal: AbortSignal;
    readonly onProgress: (event: BusEvent) => void;
  },
): Promise<void> {
  const { pace, signal, onProgress } = options;
  let batch: BusEvent[] = [];
  const flush = async (): Promise<void> => {
    const last = batch.at(-1);
    if (last === undefined) return;
    await sink.take(batch);
    batch = [];
    onProgress(last);
  };
  for await (const event of events) {
    signal.throwIfAborted();
    const waitMs = pace.waitMs(event.recordedAt);
    if (waitMs > 0 || batch.length >= batchMax) await flush();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    batch.push(event);
  }
  await flush();
}
