import type { ErrorJson } from "../../schemas/index.js";
import type { RangeOptions } from "../plugin/table.js";

/** What a process of a consumer is to run. Plain JSON. */
export interface HostPlan {
  /** The plugin's file. */
  readonly path: string;
  /** The consumer's name, which need not be the plugin's own. */
  readonly name: string;
  readonly config: unknown;
  /** The hub's address. */
  readonly url: string;
  /** The folder of the partition's store. */
  readonly store: string;
  /** Where it notes what it may die of. */
  readonly inFlightPath: string;
  readonly partition: { readonly index: number; readonly count: number };
  /** Whose outputs they are. */
  readonly producer: string;
  readonly startAt: number;
  /** Run up to here and end, instead of going on live. */
  readonly until?: Moment;
  /** How the process before this one ended. */
  readonly diedOf?: string;
}

/** A place in the log, and the log's time there, ms since 1970. */
export interface Moment {
  readonly next: number;
  /** Default: what the log says. */
  readonly time?: number;
}

/** How far a process is. */
export interface HostProgress {
  /** The next offset to be handled. */
  readonly next: number;
  /** The next offset that is not committed. */
  readonly committedNext: number;
  readonly handled: number;
  readonly outputs: number;
  readonly deadLetters: number;
  /** Event time up to which the stream is complete, ms; null before the first event. */
  readonly watermark: number | null;
  readonly rssBytes: number;
  /** What the plugin says of itself beside these figures. */
  readonly note?: string;
}

/** What is asked of a consumer's tables. */
export interface TableQuery extends Pick<RangeOptions, "prefix" | "limit"> {
  readonly table: string;
  /** This key alone. */
  readonly key?: string;
}

/** What a plugin says of itself, with a configuration. */
export interface Description {
  /** The plugin's file. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly keyed: boolean;
  readonly attemptsMax: number;
  readonly topics: readonly string[];
  /** Its configuration's JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What is asked of a plugin before it runs. */
export interface DescribeRequest {
  /** A path or a package's name, looked up from `from`. */
  readonly plugin: string;
  readonly from: string;
  /** Absent: the configuration is not checked, and topics that depend on it are not told. */
  readonly config?: unknown;
}

export type ToHost =
  | { readonly kind: "describe"; readonly request: DescribeRequest }
  | { readonly kind: "start"; readonly plan: HostPlan }
  | { readonly kind: "drain" }
  | { readonly kind: "query"; readonly id: number; readonly query: TableQuery };

export type FromHost =
  | { readonly kind: "progress"; readonly progress: HostProgress }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly fields: object;
      readonly message: string;
    }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly result?: unknown;
      readonly error?: ErrorJson;
    }
  | { readonly kind: "described"; readonly description: Description }
  | { readonly kind: "failed"; readonly error: ErrorJson }
  | { readonly kind: "ended" };
