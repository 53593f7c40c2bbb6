import TinyQueue from "tinyqueue";
import type { Operation } from "../../bus/index.js";
import { timerKey, timerParts, timersFrom } from "./keys.js";
import type { StateStore } from "./state-store.js";

/** A timer that is set. */
export interface Pending {
  readonly at: number;
  readonly group: number;
  readonly key: string;
  /** Whether it still is: a deleted one stays in the queue until its turn. */
  live: boolean;
}

/** Deleted timers that may stay in a queue, besides as many as there are others. */
const deadMax = 1_000;

const none = Number.POSITIVE_INFINITY;

/** By time, then group, then key: the order in which timers fire. */
function compare(a: Pending, b: Pending): number {
  return a.at - b.at || a.group - b.group || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/**
 * The timers of one clock. The next ones are in memory, at most about `inMemoryMax`; those due from
 * `horizon` on are only in the store, and are loaded when their time comes.
 */
export class TimerQueue {
  readonly #clock: number;
  readonly #inMemoryMax: number;
  #queue = new TinyQueue<Pending>([], compare);
  readonly #known = new Map<string, Pending>();
  /** Deleted timers that are still in the queue. */
  #dead = 0;
  /** Set (live) or deleted since the last commit. */
  readonly #changed = new Map<string, Pending>();
  #horizon = none;

  /** `clock` is 0 for the log's time, 1 for the events'. */
  constructor(clock: number, inMemoryMax: number) {
    this.#clock = clock;
    this.#inMemoryMax = inMemoryMax;
  }

  /** No timer is due before this; Infinity if there are none. */
  get first(): number {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.live) return next.at;
      this.#queue.pop();
      this.#dead--;
    }
    return this.#horizon;
  }

  /** Whether the timers due at `first` must be loaded before one can be taken. */
  get mustLoad(): boolean {
    return this.first === this.#horizon && this.#horizon !== none;
  }

  /** Timers in memory, the deleted ones among them. */
  get size(): number {
    return this.#queue.length;
  }

  /** Whether more are in memory than should be. */
  get isFull(): boolean {
    return this.#known.size > this.#inMemoryMax;
  }

  set(at: number, group: number, key: string): void {
    const id = idOf(at, group, key);
    if (this.#known.has(id)) return;
    const timer = { at, group, key, live: true };
    this.#changed.set(id, timer);
    if (at >= this.#horizon) return;
    this.#known.set(id, timer);
    this.#queue.push(timer);
  }

  delete(at: number, group: number, key: string): void {
    const id = idOf(at, group, key);
    const timer = this.#known.get(id);
    if (timer === undefined && at < this.#horizon) return;
    this.#changed.set(id, { at, group, key, live: false });
    if (timer === undefined) return;
    timer.live = false;
    this.#known.delete(id);
    if (++this.#dead > this.#known.size + deadMax) this.#sweep();
  }

  /** Takes the first one out. Only if there is one, and it need not be loaded. */
  take(): Pending {
    const timer = this.#queue.pop()!;
    const id = idOf(timer.at, timer.group, timer.key);
    this.#known.delete(id);
    this.#changed.set(id, { ...timer, live: false });
    return timer;
  }

  /** What the next commit has to write; it is forgotten here. */
  operations(): Operation[] {
    const operations: Operation[] = [];
    for (const { at, group, key, live } of this.#changed.values()) {
      const name = timerKey(this.#clock, at, group, key);
      operations.push(
        live ? { type: "put", key: name, value: Buffer.alloc(0) } : { type: "del", key: name },
      );
    }
    this.#changed.clear();
    return operations;
  }

  /** Reads the next timers from the store. Everything must have been committed. */
  async load(store: StateStore): Promise<void> {
    const from = this.#horizon === none ? Number.NEGATIVE_INFINITY : this.#horizon;
    const loaded: Pending[] = [];
    this.#horizon = none;
    const entriesMax = Math.max(2, this.#inMemoryMax / 2);
    for await (const step of store.steps(timersFrom(this.#clock, from), entriesMax)) {
      for (const [key] of step) loaded.push({ ...timerParts(key), live: true });
      const last = loaded.at(-1)!.at;
      if (loaded[0]!.at === last) continue;
      this.#horizon = last;
      break;
    }
    for (const timer of loaded) if (timer.at < this.#horizon) this.#hold(timer);
  }

  /** Keeps only the next ones in memory. Everything must have been committed. */
  shrink(): void {
    const timers = [...this.#known.values()].sort(compare);
    const cut = timers[Math.floor(this.#inMemoryMax / 2)]?.at ?? none;
    if (timers[0] === undefined || timers[0].at === cut) return;
    this.#known.clear();
    this.#empty();
    this.#horizon = Math.min(this.#horizon, cut);
    for (const timer of timers) if (timer.at < this.#horizon) this.#hold(timer);
  }

  /** Forgets everything, to be loaded again. */
  clear(): void {
    this.#empty();
    this.#known.clear();
    this.#changed.clear();
    this.#horizon = none;
  }

  /** Leaves the deleted ones out, which would pile up where timers are moved again and again. */
  #sweep(): void {
    this.#queue = new TinyQueue<Pending>([...this.#known.values()], compare);
    this.#dead = 0;
  }

  #empty(): void {
    this.#queue = new TinyQueue<Pending>([], compare);
    this.#dead = 0;
  }

  #hold(timer: Pending): void {
    this.#known.set(idOf(timer.at, timer.group, timer.key), timer);
    this.#queue.push(timer);
  }
}

function idOf(at: number, group: number, key: string): string {
  return `${at} ${group} ${key}`;
}
