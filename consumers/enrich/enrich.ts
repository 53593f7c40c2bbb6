import type { BusEvent } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { emitOutputs } from "../join/output.js";
import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import type { LookupOptions, LookupSpec } from "../plugin/lookup.js";
import { lookupDefaults } from "../plugin/lookup-options.js";
import { checkEnrich, type EnrichSpec } from "./enrich-options.js";

/** What an enrichment's one lookup is called. */
const lookupName = "enrich";

/**
 * Adds to each event what a lookup outside of the bus says. Outputs keep the events' order. Each answer is
 * published too, and a replay takes it from there. Throws OPTIONS_INVALID.
 */
export function enrich<Value = unknown, Config = unknown>(
  spec: EnrichSpec<Value, Config>,
): Consumer<Config> {
  checkEnrich(spec);
  const { key, topics, onLookupFailure = "fail" } = spec;
  const keyOf = (event: BusEvent, config: Config) => {
    const given = key(event, config);
    return given === undefined || given === null ? undefined : String(given);
  };
  return consumer<Config>({
    ...commonOf(spec),
    topics,
    key: keyOf,
    lookups: { [lookupName]: lookupOf(spec) },
    prefetch(event, { config, lookup }) {
      const key = keyOf(event, config);
      if (key !== undefined) void lookup(lookupName, key);
    },
    handle(event, context) {
      const key = keyOf(event, context.config);
      const put = (value: Value | undefined, failure?: string) =>
        emitOutputs(context, spec.output(event, value, failure, context.config), key);
      if (key === undefined) return put(undefined);
      const fail = (error: unknown) => {
        if (onLookupFailure === "fail" || !isFedbusError(error, "LOOKUP_FAILED")) throw error;
        if (onLookupFailure === "output") put(undefined, String(error.details.problem));
      };
      const value = context.lookup<Value>(lookupName, key);
      return value instanceof Promise ? value.then((found) => put(found), fail) : put(value);
    },
  });
}

function lookupOf<Config>(spec: EnrichSpec<unknown, Config>): LookupSpec<Config> {
  const names = Object.keys(lookupDefaults) as (keyof LookupOptions)[];
  const given = names.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]]]));
  return {
    ...Object.fromEntries(given),
    lookup: (key, signal, config) => spec.lookup(key, signal, config),
  };
}
