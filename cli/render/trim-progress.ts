import { setTimeout as sleep } from "node:timers/promises";
import type { Bus } from "../../bus/index.js";
import type { Context } from "../context.js";
import { startProgress } from "./progress.js";

/** How often the bus is asked how far it is. */
const periodMs = 500;

/** Runs a trim, and shows on a terminal how far it is: the bus is asked, be it here or in a hub. */
export async function withTrimProgress<Result>(
  bus: Bus,
  context: Context,
  trim: () => Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  const shown = show(bus, context, over.signal);
  try {
    return await trim();
  } finally {
    over.abort();
    await shown;
  }
}

async function show(bus: Bus, context: Context, over: AbortSignal): Promise<void> {
  if (!context.err.isTerminal || context.json) return;
  const whole = 1_000;
  const progress = startProgress(context, "trimming", whole);
  try {
    for (;;) {
      await sleep(periodMs, undefined, { signal: over });
      const { trimming } = await bus.stats();
      if (trimming !== undefined) progress.update((whole * trimming.done) / trimming.total);
    }
  } catch {
    // It is over, or cannot be asked: what became of the trim is told by the trim.
  } finally {
    progress.stop();
  }
}
