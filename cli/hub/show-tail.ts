import { setInterval as ticks } from "node:timers/promises";
import type { Bus } from "../../bus/index.js";
import type { Context } from "../context.js";
import { showBytes, showCount } from "../render/amounts.js";
import type { EventFormat } from "../render/event.js";
import type { StatusLine } from "../render/status-line.js";

const statusPeriodMs = 1_000;

interface Showing {
  readonly context: Context;
  readonly status: StatusLine;
  readonly format: EventFormat;
}

/** Prints live events with a status line below them, until the context's signal aborts. */
export async function showTail(bus: Bus, { context, status, format }: Showing): Promise<void> {
  const { out, signal } = context;
  let seen = 0;
  await using subscription = bus.subscribe("#", { from: "live", signal });
  const showEvents = async (): Promise<void> => {
    try {
      for await (const { events } of subscription.batches()) {
        seen += events.length;
        await status.around(() => out.write(events.map(format).join("")));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  await Promise.all([showEvents(), showStatus(bus, () => seen, { context, status })]);
}

async function showStatus(
  bus: Bus,
  seen: () => number,
  { context, status }: Omit<Showing, "format">,
): Promise<void> {
  const { signal } = context;
  let before = { count: 0, atMs: performance.now() };
  try {
    for await (const _ of ticks(statusPeriodMs, undefined, { signal })) {
      const { head, log } = await bus.stats();
      const now = { count: seen(), atMs: performance.now() };
      const rate = ((now.count - before.count) * 1000) / (now.atMs - before.atMs);
      before = now;
      const parts = [
        `${showCount(rate)} events/s`,
        `${showCount(head)} in all`,
        `${showCount(log.topics)} topics`,
        `${showBytes(log.bytes)} of events`,
      ];
      await status.update(parts.join("   "));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
