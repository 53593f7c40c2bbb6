import type { Operation } from "../../bus/index.js";
import { expiryMinuteMs } from "./expiry.js";
import { expiryParts, expiryRange } from "./keys.js";
import type { StateStore } from "./state-store.js";

/** Entries that are looked at in one go, at least. */
const sliceEntriesMin = 1_000;

/**
 * Takes entries that have expired out of a store, by an index of minutes and names. Reading never
 * shows an expired entry, so when it is swept makes no difference to what a consumer computes.
 */
export class Sweeper {
  readonly #store: StateStore;
  /** Up to which minute everything is swept. */
  #swept = Number.NEGATIVE_INFINITY;
  #done: Operation[] = [];

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Sweeps a slice, if a minute of the log's time has passed; what is taken out belongs to the next commit. */
  async sweep(now: number): Promise<void> {
    const minute = Math.floor(now / expiryMinuteMs);
    if (minute <= this.#swept) return;
    const cursor = this.#store.cursor(expiryRange(minute));
    try {
      // Twice what the commit may add, or else what expires would pile up.
      const slice = Math.max(sliceEntriesMin, 2 * this.#store.changes.length);
      while (this.#done.length < slice) {
        const names = await cursor.nextv(slice - this.#done.length);
        if (names.length === 0) {
          this.#swept = minute;
          return;
        }
        for (const [key] of names) this.#take(key, now);
      }
    } finally {
      await cursor.close();
    }
  }

  #take(key: Buffer, now: number): void {
    this.#done.push({ type: "del", key });
    const { id } = expiryParts(key);
    const { value, expires } = this.#store.peek(id);
    if (value !== undefined && expires !== 0 && expires <= now)
      this.#store.change(id, undefined, 0);
  }

  /** What the next commit has to take out of the index. */
  operations(): Operation[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }
}
