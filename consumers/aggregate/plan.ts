import type { BusEvent } from "../../bus/index.js";
import type { Folds } from "./folds.js";
import type { Outlet } from "./outlet.js";

/** What an aggregate's handlers are made from: its options, checked, and what was made of them. */
export interface Plan {
  /** Undefined for an event that is not to be aggregated. */
  readonly keyOf: (event: BusEvent) => string | undefined;
  /** Throws EVENT_INVALID. */
  readonly timeOf: (event: BusEvent) => number;
  readonly folds: Folds;
  readonly outlet: Outlet;
  readonly outOfOrderMs: number;
  readonly idleMs: number;
  readonly allowedLatenessMs: number;
  /** Early results every so many ms of the log's time. */
  readonly everyMs: number | undefined;
  /** Early results every so many events. */
  readonly everyCount: number | undefined;
  /** By key: log time after which a quiet key's watermark is forgotten. */
  readonly forgetMs: number;
}
