import type { EventSource, Logger, StartAt } from "../../bus/index.js";
import type { SupervisorLimits } from "./limits.js";

export interface SupervisorOptions {
  /** The log's directory: consumers keep their state below it. */
  readonly dir: string;
  /** The hub's address, for the consumer's processes. */
  readonly url: string;
  /** The same log. */
  readonly source: EventSource;
  /** A path or a package's name, looked up from `cwd`. */
  readonly plugin: string;
  readonly cwd: string;
  /** Default: the plugin's own name. */
  readonly name?: string;
  /** Default `{}`. */
  readonly config?: unknown;
  /** Processes that share the work by key. Default: as many as before, at first 1. */
  readonly parallelism?: number;
  /** Where a consumer starts that has never run. Default "earliest". */
  readonly from?: StartAt;
  /** Handle what is in the log by now, and end. Default false: go on with what comes. */
  readonly once?: boolean;
  /** The environment of the consumer's processes. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SupervisorLimits>;
  readonly logger?: Logger;
  /** Aborts the start while the plugin is imported, which may take until `startMs`. */
  readonly signal?: AbortSignal;
}
