import type { Bus, SubscribeOptions, Subscription } from "../../../bus/bus.js";
import type { BusEvent } from "../../../bus/event.js";

export interface CollectorOptions extends SubscribeOptions {
  /** Keep offsets alone: for so many events that they would not all fit. Default false. */
  readonly offsetsOnly?: boolean;
}

/** A subscription that is read to its end, and what has come of it. */
export class Collector {
  readonly events: BusEvent[] = [];
  readonly offsets: number[] = [];
  readonly subscription: Subscription;
  /** How often the stream told that it has caught up. */
  caughtUps = 0;
  /** The next offset wanted. */
  next = -1;
  /** Resolves at the end of the stream; rejects with what ended it. */
  readonly ended: Promise<void>;
  readonly #offsetsOnly: boolean;
  #waiters: (() => void)[] = [];

  constructor(
    bus: Bus,
    patterns: string | readonly string[],
    { offsetsOnly = false, ...options }: CollectorOptions = {},
  ) {
    this.#offsetsOnly = offsetsOnly;
    this.subscription = bus.subscribe(patterns, options);
    this.ended = this.#collect();
    this.ended.catch(() => {});
  }

  /** Resolves when everything before `offset` was delivered or did not match. */
  async reached(offset: number): Promise<void> {
    while (this.next < offset)
      await Promise.race([this.ended, new Promise<void>((resolve) => this.#waiters.push(resolve))]);
  }

  async close(): Promise<void> {
    await this.subscription.close();
    await this.ended;
  }

  async #collect(): Promise<void> {
    for await (const batch of this.subscription.batches()) {
      for (const { offset } of batch.events) this.offsets.push(offset);
      if (!this.#offsetsOnly) this.events.push(...batch.events);
      this.next = batch.next;
      if (batch.caughtUp) this.caughtUps++;
      for (const wake of this.#waiters.splice(0)) wake();
    }
  }
}

/** How many of `wanted` are missing in `got`, doubled in it, or out of order. */
export function faultsIn(got: readonly number[], wanted: readonly number[]) {
  const have = new Set(got);
  const want = new Set(wanted);
  let disordered = 0;
  for (let at = 1; at < got.length; at++) if (got[at]! <= got[at - 1]!) disordered++;
  return {
    missing: wanted.filter((offset) => !have.has(offset)).length,
    doubled: got.length - have.size,
    disordered,
    foreign: [...have].filter((offset) => !want.has(offset)).length,
  };
}

export const noFaults = { missing: 0, doubled: 0, disordered: 0, foreign: 0 };
