import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import type { JoinKey } from "../join/side.js";
import { type CommonOptions, commonRules, someTopics } from "../plugin/common-options.js";
import type { LookupOptions } from "../plugin/lookup.js";
import { lookupRules } from "../plugin/lookup-options.js";
import { aFunction, oneOf, optional, problemsByRules, type Rules } from "../plugin/option-rules.js";
import type { Outputs } from "../transform/transform.js";

/** What becomes of an event whose lookup failed. */
export type OnLookupFailure = "fail" | "output" | "drop";

/** An enrichment of events with what something outside of the bus says. */
export interface EnrichSpec<Value = unknown, Config = unknown>
  extends CommonOptions<Config>,
    LookupOptions {
  /** Patterns of its topics, or a function of the configuration. */
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** What is looked up; without a key nothing is, and the event is output without a value. */
  readonly key: (event: BusEvent, config: Config) => JoinKey;
  /**
   * Asks outside. May be asked for one key more than once. What it returns is taken as JSON; undefined
   * becomes null.
   */
  lookup(key: string, signal: AbortSignal, config: Config): Promise<Value> | Value;
  /** `failure` says why there is no value, if `onLookupFailure` is "output". */
  output(
    event: BusEvent,
    value: Value | undefined,
    failure: string | undefined,
    config: Config,
  ): Outputs;
  /**
   * "fail": the event is tried again as often as `attemptsMax` says, then `onFailure` decides.
   * "output": it is output without a value. "drop": it is not output. Default "fail".
   */
  readonly onLookupFailure?: OnLookupFailure;
}

const rules: Rules<EnrichSpec> = {
  ...commonRules,
  ...lookupRules,
  topics: someTopics,
  key: aFunction,
  lookup: aFunction,
  output: aFunction,
  onLookupFailure: optional(oneOf("fail", "output", "drop")),
};

/** Throws OPTIONS_INVALID. */
export function checkEnrich(spec: object): void {
  refuse("enrich", problemsByRules<object>(spec, rules));
}
