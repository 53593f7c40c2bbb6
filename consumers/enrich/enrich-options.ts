import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import type { JoinKey } from "../join/side.js";
import { type CommonOptions, commonRules } from "../plugin/common-options.js";
import {
  listOf,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../sinks/option-rules.js";
import type { Outputs } from "../transform/transform.js";

/** What becomes of an event whose lookup failed. */
export type OnLookupFailure = "fail" | "output" | "drop";

/** How lookups are made. */
export interface LookupOptions {
  /** Lookups under way at a time, at most. Default 16. */
  readonly concurrencyMax?: number;
  /** After this long a lookup has failed, and its signal is aborted. Default 5,000. */
  readonly timeoutMs?: number;
  /** An answer longer than this as JSON counts as a failure. Default 65,536. */
  readonly answerBytesMax?: number;
}

/** An enrichment of events with what something outside of the bus says. */
export interface EnrichSpec<Value = unknown> extends CommonOptions, LookupOptions {
  /** Patterns of its topics. */
  readonly topics: readonly string[];
  /** What is looked up; without a key nothing is, and the event is output without a value. */
  readonly key: (event: BusEvent) => JoinKey;
  /**
   * Asks outside. May be asked for one key more than once. What it returns is taken as JSON; undefined
   * becomes null.
   */
  lookup(key: string, signal: AbortSignal): Promise<Value> | Value;
  /** `failure` says why there is no value, if `onLookupFailure` is "output". */
  output(event: BusEvent, value: Value | undefined, failure: string | undefined): Outputs;
  /** For how long, in the log's time, an answer holds for its key. 0: for one event. Default 300,000. */
  readonly ttlMs?: number;
  /** The same for a failure, with "output" or "drop". Default 10,000. */
  readonly failureTtlMs?: number;
  /** Answers kept, at most: a 64th in each group of keys, the oldest going first. Default 100,000. */
  readonly cacheEntriesMax?: number;
  /**
   * "fail": the event is tried again as often as `attemptsMax` says, then `onFailure` decides.
   * "output": it is output without a value. "drop": it is not output. Default "fail".
   */
  readonly onLookupFailure?: OnLookupFailure;
}

const aFunction: Rule = (value) => (typeof value === "function" ? undefined : "must be a function");

const rules: Rules<EnrichSpec> = {
  ...commonRules,
  topics: listOf(text),
  key: aFunction,
  lookup: aFunction,
  output: aFunction,
  ttlMs: optional(whole(0, 2 ** 42)),
  failureTtlMs: optional(whole(0, 2 ** 42)),
  cacheEntriesMax: optional(whole(0, 100_000_000)),
  onLookupFailure: optional(oneOf("fail", "output", "drop")),
  concurrencyMax: optional(whole(1, 10_000)),
  timeoutMs: optional(whole(1, 600_000)),
  answerBytesMax: optional(whole(1, 200_000)),
};

/** An enrichment's options, checked and with their defaults. */
export type EnrichPlan = ReturnType<typeof enrichPlan>;

/** Throws OPTIONS_INVALID. */
export function enrichPlan(spec: EnrichSpec) {
  refuse("enrich", problemsByRules<object>(spec, rules));
  const { name, topics, key, ttlMs = 300_000, failureTtlMs = 10_000 } = spec;
  const { cacheEntriesMax = 100_000, onLookupFailure = "fail" } = spec;
  const { concurrencyMax = 16, timeoutMs = 5_000, answerBytesMax = 65_536 } = spec;
  return {
    ...{ name, topics, ttlMs, failureTtlMs, cacheEntriesMax, onLookupFailure },
    ...{ concurrencyMax, timeoutMs, answerBytesMax },
    lookup: spec.lookup.bind(spec),
    output: spec.output.bind(spec),
    keyOf(event: BusEvent): string | undefined {
      const given = key(event);
      return given === undefined || given === null ? undefined : String(given);
    },
  };
}
