import type { Context } from "../plugin/context.js";
import type { Folds, States } from "./folds.js";
import type { Grid } from "./grid.js";
import { KeyLists } from "./key-lists.js";

/** What is stored for a key in a pane. What is not used by an aggregate's options is absent. */
export interface Pane {
  /** Null where only `emissions` is of interest. */
  states: States | null;
  /** Results published of the window that starts where the pane does. */
  emissions?: number;
  /** 1 if events came since the last early result. */
  changed?: 0 | 1;
  /** Events in the pane. */
  events?: number;
}

/** Where the events of a key in a pane go. */
export interface Place {
  readonly key: string;
  readonly start: number;
  readonly name: string;
  /** Start of the first window that has the pane, and its end. */
  readonly firstStart: number;
  readonly firstEnd: number;
  pane: Pane | undefined;
  /** When the next early results are due, as far as this place has set it. */
  tick: number;
  /** The commit that will write the pane as it is then. */
  commit: number;
}

/** Places that are remembered. Past it all are forgotten, and found again in the table. */
export const placesMax = 65_536;

/** The list of panes that have something new. */
const changedList = "changed";

/**
 * The panes of a `PaneWindows`, in its table by start and key, and beside them a list of the keys of each pane. The place
 * of each key's latest event is remembered, so that the next one in the same pane needs no name made and no entry
 * looked up. It holds the object that was put last for its entry, which is the table's own: further changes before the next
 * commit are written with it.
 */
export class PaneTable {
  readonly #grid: Grid;
  readonly #folds: Folds;
  readonly #places = new Map<string, Place>();
  /** Counts the commits of this process. */
  #commit = 0;

  constructor(grid: Grid, folds: Folds) {
    this.#grid = grid;
    this.#folds = folds;
  }

  find(key: string, start: number, context: Context): Place {
    const known = this.#places.get(key);
    if (known !== undefined && known.start === start) return known;
    const name = nameOf(start, key);
    const pane = context.state.get(name) as Pane | undefined;
    const firstStart = this.#grid.firstEndingAfter(start);
    const firstEnd = firstStart + this.#grid.sizeMs;
    const place = { key, start, name, firstStart, firstEnd, pane, tick: Number.NaN, commit: -1 };
    if (this.#places.size >= placesMax) this.#places.clear();
    this.#places.set(key, place);
    return place;
  }

  /** Sees to it that the next commit writes the place's pane. */
  put(place: Place, { state }: Context): void {
    if (place.commit === this.#commit) return;
    place.commit = this.#commit;
    state.put(place.name, place.pane);
  }

  /** To be called before each commit. */
  committing(): void {
    this.#commit++;
  }

  /** Makes the pane of a place. */
  begin(place: Place, context: Context): void {
    if (place.pane === undefined) {
      place.pane = { states: null };
      new KeyLists(context).add(String(place.start), place.key);
    }
    place.pane.states = this.#folds.create();
  }

  /** The keys that have panes in the window that begins at `start`, in order. */
  keysOf(start: number, context: Context): readonly string[] {
    const lists = new KeyLists(context);
    const { sizeMs, paneMs } = this.#grid;
    if (paneMs === sizeMs) return lists.all(String(start)).toSorted();
    const keys = new Set<string>();
    for (let at = start; at < start + sizeMs; at += paneMs)
      for (const key of lists.all(String(at))) keys.add(key);
    return [...keys].sort();
  }

  /** Whether there are panes from `from` to before `to`. */
  hasPanes(from: number, to: number, context: Context): boolean {
    const lists = new KeyLists(context);
    for (let at = from; at < to; at += this.#grid.paneMs) if (lists.has(String(at))) return true;
    return false;
  }

  /** What the window of `key` that begins at `start` holds, not to be changed; undefined if there were no events. */
  statesOf(key: string, start: number, { state }: Context): States | undefined {
    const { sizeMs, paneMs } = this.#grid;
    let found: States | undefined;
    let isOwn = false;
    for (let at = start; at < start + sizeMs; at += paneMs) {
      const states = (state.get(nameOf(at, key)) as Pane | undefined)?.states ?? undefined;
      if (states === undefined) continue;
      if (found === undefined) {
        found = states;
        continue;
      }
      if (!isOwn) found = this.#folds.copy(found);
      isOwn = true;
      this.#folds.merge(found, states);
    }
    return found;
  }

  /** Counts a result of the window of `key` that begins at `start`; how many there were before. */
  countEmission(key: string, start: number, context: Context): number {
    const name = nameOf(start, key);
    let pane = context.state.get(name) as Pane | undefined;
    if (pane === undefined) {
      pane = { states: null };
      new KeyLists(context).add(String(start), key);
    }
    const before = pane.emissions ?? 0;
    pane.emissions = before + 1;
    this.#put(key, name, pane, context);
    return before;
  }

  /** Notes that a place has something new that was not published yet; the caller puts its pane. */
  mark(place: Place, context: Context): void {
    const pane = place.pane!;
    if (pane.changed === 1) return;
    pane.changed = 1;
    new KeyLists(context).add(changedList, `${place.start} ${place.key}`);
  }

  /** The panes that have something new since the last call. */
  takeChanged(context: Context): { readonly key: string; readonly start: number }[] {
    const lists = new KeyLists(context);
    const names = lists.all(changedList);
    lists.delete(changedList);
    return names.flatMap((name) => {
      const pane = context.state.get(name) as Pane | undefined;
      if (pane === undefined) return [];
      const space = name.indexOf(" ");
      const key = name.slice(space + 1);
      pane.changed = 0;
      this.#put(key, name, pane, context);
      return [{ key, start: Number(name.slice(0, space)) }];
    });
  }

  /** Drops every pane that starts from `from` to before `to`. */
  drop(from: number, to: number, context: Context): void {
    const lists = new KeyLists(context);
    for (let at = from; at < to; at += this.#grid.paneMs) {
      for (const key of lists.all(String(at))) context.state.delete(nameOf(at, key));
      lists.delete(String(at));
    }
  }

  /** The key's place may hold another object for the same entry, as read at another time. */
  #put(key: string, name: string, pane: Pane, { state }: Context): void {
    const place = this.#places.get(key);
    if (place?.name === name) place.pane = pane;
    state.put(name, pane);
  }
}

function nameOf(start: number, key: string): string {
  return `${start} ${key}`;
}
