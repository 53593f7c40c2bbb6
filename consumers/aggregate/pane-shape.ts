import type { Folds, States } from "./folds.js";
import type { Grid } from "./grid.js";
import type { Added, Arrival, KeyedShape, Release } from "./keyed-shape.js";
import type { Plan } from "./plan.js";
import type { Interval, Timing } from "./window-result.js";

/** A pane of one key. */
export interface KeyedPane {
  readonly start: number;
  /** Null where only `emissions` is of interest. */
  states: States | null;
  /** Results published of the window that starts where the pane does. */
  emissions: number;
  events: number;
  /** 1 if events came since the last early result. */
  changed: 0 | 1;
}

/** Tumbling and hopping windows of one key: parts are panes. */
export class PaneShape implements KeyedShape<KeyedPane> {
  readonly #folds: Folds;
  readonly #grid: Grid;
  readonly #latenessMs: number;
  readonly #everyCount: number | undefined;

  constructor(plan: Plan, grid: Grid) {
    this.#folds = plan.folds;
    this.#grid = grid;
    this.#latenessMs = plan.allowedLatenessMs;
    this.#everyCount = plan.everyCount;
  }

  add(parts: KeyedPane[], arrival: Arrival, release: (result: Release) => void): Added {
    const { event, time, watermark } = arrival;
    const { sizeMs, slideMs } = this.#grid;
    const last = this.#grid.lastOf(time);
    const missed: Interval[] = [];
    let start = this.#grid.firstEndingAfter(time);
    for (; start <= last && start + sizeMs + this.#latenessMs <= watermark; start += slideMs)
      missed.push({ start, end: start + sizeMs });
    if (start > last) return { missed, due: Infinity };
    const pane = paneAt(parts, this.#grid.paneOf(time));
    pane.states ??= this.#folds.create();
    this.#folds.add(pane.states, event, time);
    pane.changed = 1;
    pane.events++;
    for (; start <= last && start + sizeMs <= watermark; start += slideMs)
      this.#release(parts, start, "late", release);
    if (this.#everyCount !== undefined && pane.events % this.#everyCount === 0)
      for (let open = start; open <= last; open += slideMs)
        this.#release(parts, open, "early", release);
    return { missed, due: start <= last ? start + sizeMs : last + sizeMs + this.#latenessMs };
  }

  advance(parts: KeyedPane[], from: number, to: number, release: (result: Release) => void): void {
    const { sizeMs } = this.#grid;
    let start = this.#nextStart(parts, from);
    while (start !== undefined && start + sizeMs <= to) {
      this.#release(parts, start, "on-time", release);
      start = this.#nextStart(parts, start + sizeMs);
    }
    const gone = (pane: KeyedPane) => this.#dropTime(pane) <= to;
    while (parts[0] !== undefined && gone(parts[0])) parts.shift();
  }

  due(parts: readonly KeyedPane[], watermark: number): number {
    const [oldest] = parts;
    if (oldest === undefined) return Infinity;
    const start = this.#nextStart(parts, watermark);
    const dropped = this.#dropTime(oldest);
    return start === undefined ? dropped : Math.min(dropped, start + this.#grid.sizeMs);
  }

  early(parts: KeyedPane[], watermark: number, release: (result: Release) => void): void {
    const { slideMs } = this.#grid;
    const starts = new Set<number>();
    for (const pane of parts) {
      if (pane.changed === 0) continue;
      pane.changed = 0;
      const last = this.#grid.lastOf(pane.start);
      const first = this.#grid.firstEndingAfter(Math.max(pane.start, watermark));
      for (let start = first; start <= last; start += slideMs) starts.add(start);
    }
    for (const start of [...starts].sort((a, b) => a - b))
      this.#release(parts, start, "early", release);
  }

  /** Start of the first window that ends after `time` and has events. */
  #nextStart(parts: readonly KeyedPane[], time: number): number | undefined {
    for (const { start: pane, states } of parts) {
      if (states === null) continue;
      const start = this.#grid.firstEndingAfter(Math.max(pane, time));
      if (start <= pane) return start;
    }
    return undefined;
  }

  #dropTime({ start }: KeyedPane): number {
    return this.#grid.lastOf(start) + this.#grid.sizeMs + this.#latenessMs;
  }

  #release(parts: KeyedPane[], start: number, timing: Timing, release: (result: Release) => void) {
    const end = start + this.#grid.sizeMs;
    const within = parts.filter((pane) => pane.start >= start && pane.start < end);
    const filled = within.flatMap(({ states }) => (states === null ? [] : [states]));
    const own = paneAt(parts, start);
    release({ start, end, states: this.#merged(filled), timing, revision: own.emissions++ });
  }

  #merged(all: readonly States[]): States {
    if (all.length === 1) return all[0]!;
    const states = this.#folds.create();
    for (const one of all) this.#folds.merge(states, one);
    return states;
  }
}

/** The pane that begins at `start`, made if there was none. */
function paneAt(parts: KeyedPane[], start: number): KeyedPane {
  let at = parts.length;
  while (at > 0 && parts[at - 1]!.start > start) at--;
  const known = parts[at - 1];
  if (known?.start === start) return known;
  const pane: KeyedPane = { start, states: null, emissions: 0, events: 0, changed: 0 };
  parts.splice(at, 0, pane);
  return pane;
}
