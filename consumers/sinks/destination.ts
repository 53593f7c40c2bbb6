import type { Clock } from "../../bus/index.js";

/** One event on its way out of the bus. */
export interface Delivery {
  /** The event's place in the log; within one destination it never falls, except in a resend. */
  readonly offset: number;
  readonly topic: string;
  /** Hub clock at commit, milliseconds since 1970; never falls as offsets rise. */
  readonly recordedAt: number;
  /** The event's own time, milliseconds since 1970. */
  readonly timestamp: number;
  /** Idempotency key, the same in every resend: `STREAM:OFFSET`. */
  readonly id: string;
  /** Any JSON value. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * Somewhere outside that takes events, at least once. Deliveries run one at a time, in call order.
 * Nothing is opened before the first of them.
 */
export interface Destination extends AsyncDisposable {
  /**
   * Takes a batch durably, or rejects. A resend of the batch, or of a part of it, does no harm where the
   * destination allows that. After a rejection any part may have been taken.
   *
   * Errors: DELIVERY_FAILED (may pass), DELIVERY_REFUSED (will not; `details.offset` names the event
   * where one is to blame), DESTINATION_FORBIDDEN, DESTINATION_DIVERGED, DESTINATION_IN_USE,
   * PACKAGE_MISSING, CLOSED.
   */
  deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void>;
  /** Waits for what is in flight; a second call gets the same promise. */
  close(): Promise<void>;
}

/** What a destination takes from its surroundings; each has a default. */
export interface Surroundings {
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** From 0 to below 1. Default: `Math.random`. */
  readonly random?: () => number;
}
