import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "./monotonic.js";

/** Calls `step` `perSecond` times a second, `count` times in all; a late timer is made up for. */
export async function paced(
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
  step: (index: number) => void,
): Promise<void> {
  const start = monotonicUs();
  for (let index = 0; index < count; ) {
    const due = Math.min(count, Math.floor(((monotonicUs() - start) / 1e6) * perSecond) + 1);
    while (index < due) step(index++);
    await sleep(1);
  }
}
