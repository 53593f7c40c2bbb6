import type { EventSource, Logger } from "../../bus/index.js";
import type { Lineage } from "../../consumers/home/lineage.js";
import type { Consumer, RunnerLimits } from "../../consumers/index.js";
import type { ImpureUse } from "../determinism/impure-use.js";
import type { ReplayProgress } from "../engine/pace.js";
import type { LivePlace } from "./live-place.js";

/** A consumer to be replayed. */
export interface Candidate {
  readonly consumer: Consumer;
  /** Checked, with its defaults. Default `{}`. */
  readonly config?: unknown;
  /** SHA-256 of the plugin's code, hex (`LoadedPlugin.code`). */
  readonly pluginHash?: string;
}

/** The outputs that a consumer has published. */
export interface PublishedBy {
  readonly name: string;
  /** How far it has come. Default: as its outputs tell. */
  readonly place?: LivePlace;
  /** Which of its outputs count. Default: all. */
  readonly lineage?: Lineage;
}

export interface WhatIfOptions extends Candidate {
  readonly source: EventSource;
  /**
   * What the new outputs are compared with: those that a consumer has published (`place`: how far it
   * has come, if that is known; `lineage`: which of all that it ever published count), or those that another plugin makes of the same events.
   */
  readonly against: PublishedBy | Candidate;
  /** A directory for scratch stores. Removed at the end, and kept when interrupted, to go on. */
  readonly dir: string;
  /** Where the consumer began when it first ran. Default: the log's first offset. */
  readonly startAt?: number;
  /** First offset. Default: where the consumer began. */
  readonly from?: number;
  /** Offset to stop before. Default: how far the other side has come. */
  readonly to?: number;
  /** Differences of each kind that the report shows. Default 20. */
  readonly limit?: number;
  /** JSON pointers of fields that do not count, such as `/msg/at`; `*` is any one step. */
  readonly ignore?: readonly string[];
  readonly limits?: Partial<RunnerLimits>;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (side: "old" | "new", progress: ReplayProgress) => void;
  readonly onImpure?: (use: ImpureUse) => void;
}
