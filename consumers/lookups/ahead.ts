import type { LookupRuns, PendingLookup } from "./lookup-runs.js";

/** Of one lookup, begun ahead and not yet asked for, at most. */
const aheadMax = 1_000;

interface Begun {
  readonly group: number;
  readonly key: string;
  readonly pending: PendingLookup;
}

/** Lookups that were begun for events that are still to be handled. */
export class AheadLookups {
  readonly #runs: LookupRuns;
  /** Whether an answer serves later events of its key too. */
  readonly #serves: boolean;
  /** By the events' offsets, rising. */
  readonly #byOffset = new Map<number, Begun[]>();
  /** Groups and keys that are being looked up. */
  readonly #keys = new Set<string>();
  #count = 0;

  constructor(runs: LookupRuns, serves: boolean) {
    this.#runs = runs;
    this.#serves = serves;
  }

  /** Begins the lookup for the event at `offset`, if there is room, and none that will serve it. */
  begin(offset: number, group: number, key: string): void {
    const id = `${group} ${key}`;
    if (this.#count >= aheadMax || (this.#serves && this.#keys.has(id))) return;
    const begun = this.#byOffset.get(offset) ?? [];
    if (begun.some((one) => one.key === key)) return;
    begun.push({ group, key, pending: this.#runs.start(key, { offset }, false) });
    this.#byOffset.set(offset, begun);
    this.#keys.add(id);
    this.#count++;
  }

  /** The one that was begun for the event at `offset`. */
  find(offset: number, key: string): PendingLookup | undefined {
    return this.#byOffset.get(offset)?.find((one) => one.key === key)?.pending;
  }

  /** All events up to `offset` have been handled. */
  passed(offset: number): void {
    for (const [at, begun] of this.#byOffset) {
      if (at > offset) return;
      this.#byOffset.delete(at);
      this.#count -= begun.length;
      for (const { group, key } of begun) this.#keys.delete(`${group} ${key}`);
    }
  }
}
