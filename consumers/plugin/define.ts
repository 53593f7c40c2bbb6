import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { aName, type CommonOptions, commonRules, someTopics } from "./common-options.js";
import { noOptions } from "./config-schema.js";
import type { Consumer, Handlers, Setup } from "./consumer.js";
import type { LookupSpecs } from "./lookup.js";
import { lookupPlans, someLookups } from "./lookup-options.js";
import { aFunction, optional, problemsByRules, type Rules, whole } from "./option-rules.js";

/** What a plugin's author writes. */
export interface ConsumerSpec<Config = unknown>
  extends CommonOptions<Config>,
    Partial<Handlers<Config>> {
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** Divides events and state by key, so that several processes can share the work. */
  readonly key?: (event: BusEvent, config: Config) => string | undefined;
  /** What can be asked outside of the bus, by the names that `context.lookup` takes. Default: nothing. */
  readonly lookups?: LookupSpecs<Config>;
  /** Makes the handlers, for those that hold something in memory. Instead of `handle`. */
  create?(setup: Setup<Config>): Handlers<Config>;
}

const rules: Rules<ConsumerSpec<never>> = {
  ...commonRules,
  topics: someTopics,
  key: optional(aFunction),
  lookups: optional(someLookups),
  create: optional(aFunction),
  handle: optional(aFunction),
  timer: optional(aFunction),
  prefetch: optional(aFunction),
  prefetchEventsMax: optional(whole(0, 1_000_000)),
  flush: optional(aFunction),
  note: optional(aFunction),
  close: optional(aFunction),
};

/** A consumer of the lowest level: all other kinds are made of it. Throws OPTIONS_INVALID. */
export function consumer<Config = unknown>(spec: ConsumerSpec<Config>): Consumer<Config> {
  check(spec as ConsumerSpec<never>);
  const { name, version = "0", topics, config = noOptions, key, watermark = {} } = spec;
  const { onFailure = "dead-letter", attemptsMax = 5, create } = spec;
  const { handle, timer, prefetch, prefetchEventsMax, flush, note, close } = spec;
  return {
    name,
    version,
    config,
    keyed: key !== undefined,
    lookups: lookupPlans(spec.lookups ?? {}),
    onFailure,
    attemptsMax,
    topics: typeof topics === "function" ? topics : () => topics,
    keyOf: key ?? (() => undefined),
    watermark: typeof watermark === "function" ? watermark : () => watermark,
    create:
      create === undefined
        ? () => ({
            handle: handle!,
            ...(timer && { timer }),
            ...(prefetch && { prefetch }),
            ...(prefetchEventsMax !== undefined && { prefetchEventsMax }),
            ...(flush && { flush }),
            ...(note && { note }),
            ...(close && { close }),
          })
        : (setup) => create(setup),
  };
}

/** Whether a module's export is a consumer. */
export function isConsumer(value: unknown): value is Consumer {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Consumer).create === "function" &&
    typeof (value as Consumer).topics === "function" &&
    aName((value as Consumer).name) === undefined
  );
}

function check(spec: ConsumerSpec<never>): void {
  const problems = problemsByRules(spec, rules);
  const { create, handle } = spec ?? {};
  if (typeof spec === "object" && (create === undefined) === (handle === undefined))
    problems.push("it needs either handle or create");
  refuse("consumer", problems);
}
