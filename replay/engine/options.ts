import type { EventSource, Logger } from "../../bus/index.js";
import type { Consumer, Partition, RunnerLimits, Step } from "../../consumers/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { ImpureUse } from "../determinism/impure-use.js";
import type { ReplayProgress } from "./pace.js";

export interface ReplayOptions {
  readonly source: EventSource;
  readonly consumer: Consumer;
  /** Checked, with its defaults. Default `{}`. */
  readonly config?: unknown;
  /** A directory of its own. What a replay of the same was interrupted in is gone on with. */
  readonly dir: string;
  /** First offset. Default: the log's first. */
  readonly from?: number;
  /** Offset to stop before. Default: where the interrupted one was to stop, else the log's head. */
  readonly to?: number;
  /**
   * The log's time up to which timers fire at the end, ms since 1970; not before the last event, nor
   * behind the next one. Default: that of the next event, or the present.
   */
  readonly time?: number;
  /** SHA-256 of the plugin's code, hex (`LoadedPlugin.code`), so that changed code does not go on with another's state. */
  readonly pluginHash?: string;
  /** The part of the keys that is handled. Default: all. */
  readonly partition?: Partition;
  readonly limits?: Partial<RunnerLimits>;
  readonly logger?: Logger;
  /** Ends the replay after what is being handled; it can be gone on with. */
  readonly signal?: AbortSignal;
  /** Told four times a second, and at the end. */
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Told of the first use of each thing that gives another answer each time. */
  readonly onImpure?: (use: ImpureUse) => void;
  /** Called at each step of a run: for tests that end the process there. */
  readonly hook?: (step: Step) => void;
}

/** Throws OFFSET_INVALID unless `[from, to)` lies in the log, and LOG_TRUNCATED as reading would. */
export function checkRange(
  { from, to }: { readonly from: number; readonly to: number },
  { first, head }: { readonly first: number; readonly head: number },
): void {
  const details = { from, to, first, head };
  if (from > to)
    throw new FedbusError("OFFSET_INVALID", `from ${from} is past to ${to}`, { details });
  if (to > head)
    throw new FedbusError("OFFSET_INVALID", `to ${to} is past the head: the next is ${head}`, {
      details,
    });
  if (from < first)
    throw new FedbusError(
      "LOG_TRUNCATED",
      `offset ${from} was removed by retention; the first that can be read is ${first}`,
      { details },
    );
}
