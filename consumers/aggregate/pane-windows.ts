import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import { nextTick } from "./emission.js";
import type { Grid } from "./grid.js";
import { PaneTable, type Place } from "./pane-table.js";
import type { Plan } from "./plan.js";
import type { Interval, Timing } from "./window-result.js";

/**
 * Tumbling and hopping windows under the stream's watermark. An event changes one entry, that of its key in its
 * pane. A timer for each window, not for each of its keys, closes it: for each key that is listed with the window's
 * panes it merges them and publishes. While a window has panes that the next one has too, its timer sets that one's.
 */
export class PaneWindows implements Handlers {
  readonly #plan: Plan;
  readonly #grid: Grid;
  readonly #panes: PaneTable;
  /** Whether a window may be published more than once. */
  readonly #revises: boolean;

  constructor(plan: Plan, grid: Grid) {
    this.#plan = plan;
    this.#grid = grid;
    this.#panes = new PaneTable(grid, plan.folds);
    const { allowedLatenessMs, everyMs, everyCount } = plan;
    this.#revises = allowedLatenessMs > 0 || everyMs !== undefined || everyCount !== undefined;
  }

  handle(event: BusEvent, context: Context): void {
    const key = this.#plan.keyOf(event);
    if (key === undefined) return;
    const time = this.#plan.timeOf(event);
    const place = this.#panes.find(key, this.#grid.paneOf(time), context);
    if (context.timers.watermark >= place.firstEnd) this.#late(place, event, time, context);
    else this.#add(place, event, time, context);
  }

  timer({ clock, at, key }: Timer, context: Context): void {
    if (clock === "log") this.#early(context);
    else if (key === "close") this.#close(at - this.#grid.sizeMs, context);
    else this.#drop(at - this.#grid.sizeMs - this.#plan.allowedLatenessMs, context);
  }

  flush(): void {
    this.#panes.committing();
  }

  #add(place: Place, event: BusEvent, time: number, context: Context): void {
    const { everyMs, everyCount, folds } = this.#plan;
    if (place.pane === undefined || place.pane.states === null) this.#begin(place, context);
    const pane = place.pane!;
    folds.add(pane.states!, event, time);
    if (everyMs !== undefined) this.#mark(place, everyMs, context);
    if (everyCount !== undefined) pane.events = (pane.events ?? 0) + 1;
    this.#panes.put(place, context);
    if (everyCount !== undefined && pane.events! % everyCount === 0)
      for (const start of this.#openStarts(place.start, context))
        this.#publish(place.key, start, "early", context);
  }

  /** Makes the pane, and sets the timer of the first window that is to close with it. */
  #begin(place: Place, context: Context): void {
    const { sizeMs } = this.#grid;
    this.#panes.begin(place, context);
    const [start] = this.#openStarts(place.start, context);
    const last = this.#grid.lastOf(place.start);
    if (start !== undefined) context.timers.set("event", start + sizeMs, "close");
    else context.timers.set("event", last + sizeMs + this.#plan.allowedLatenessMs, "drop");
  }

  /** Some windows of the event are closed: their results are renewed, or too old for that. */
  #late(place: Place, event: BusEvent, time: number, context: Context): void {
    const { sizeMs, slideMs } = this.#grid;
    const { allowedLatenessMs, outlet } = this.#plan;
    const { watermark } = context.timers;
    const last = this.#grid.lastOf(time);
    const missed: Interval[] = [];
    let start = place.firstStart;
    for (; start <= last && start + sizeMs + allowedLatenessMs <= watermark; start += slideMs)
      missed.push({ start, end: start + sizeMs });
    if (missed.length > 0) outlet.late(place.key, event, time, missed, context);
    if (start > last) return;
    this.#add(place, event, time, context);
    for (; start <= last && start + sizeMs <= watermark; start += slideMs)
      this.#publish(place.key, start, "late", context);
  }

  #close(start: number, context: Context): void {
    const { sizeMs, slideMs } = this.#grid;
    const { allowedLatenessMs } = this.#plan;
    const end = start + sizeMs;
    for (const key of this.#panes.keysOf(start, context))
      this.#publish(key, start, "on-time", context);
    if (allowedLatenessMs === 0) this.#drop(start, context);
    else context.timers.set("event", end + allowedLatenessMs, "drop");
    if (this.#panes.hasPanes(start + slideMs, end, context))
      context.timers.set("event", end + slideMs, "close");
  }

  /** Drops the panes of a window that no later one has. */
  #drop(start: number, context: Context): void {
    this.#panes.drop(start, start + this.#grid.slideMs, context);
  }

  /** Publishes what changed since the last time, of all windows that are not closed. */
  #early(context: Context): void {
    const keysByStart = new Map<number, Set<string>>();
    for (const { key, start: pane } of this.#panes.takeChanged(context))
      for (const start of this.#openStarts(pane, context))
        keysByStart.set(start, (keysByStart.get(start) ?? new Set()).add(key));
    for (const [start, keys] of [...keysByStart].sort(([a], [b]) => a - b))
      for (const key of [...keys].sort()) this.#publish(key, start, "early", context);
  }

  /** Publishes a window of one key, if it has events. */
  #publish(key: string, start: number, timing: Timing, context: Context): void {
    const states = this.#panes.statesOf(key, start, context);
    if (states === undefined) return;
    const end = start + this.#grid.sizeMs;
    const revision = this.#revises ? this.#panes.countEmission(key, start, context) : 0;
    this.#plan.outlet.result(key, { start, end, states, timing, revision }, context);
  }

  /** Notes that the pane has something new, and sees to it that it is published early. */
  #mark(place: Place, everyMs: number, context: Context): void {
    this.#panes.mark(place, context);
    const tick = nextTick(context.now(), everyMs);
    if (place.tick === tick) return;
    place.tick = tick;
    context.timers.set("log", tick, "early");
  }

  /** Starts of the windows that have the pane and are not closed. */
  #openStarts(pane: number, { timers }: Context): number[] {
    const { slideMs } = this.#grid;
    const starts: number[] = [];
    const last = this.#grid.lastOf(pane);
    const first = this.#grid.firstEndingAfter(Math.max(pane, timers.watermark));
    for (let start = first; start <= last; start += slideMs) starts.push(start);
    return starts;
  }
}
