import { aName } from "./common-options.js";
import type { LookupOptions, LookupPlan, LookupSpec, LookupSpecs } from "./lookup.js";
import {
  aFunction,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  whole,
} from "./option-rules.js";

const longestMs = 2 ** 42;

/** Rules of a lookup's options, by themselves: kinds of consumers take them too. */
export const lookupRules: Rules<LookupOptions> = {
  ttlMs: optional(whole(0, longestMs)),
  failureTtlMs: optional(whole(0, longestMs)),
  cacheEntriesMax: optional(whole(0, 100_000_000)),
  concurrencyMax: optional(whole(1, 10_000)),
  timeoutMs: optional(whole(1, 600_000)),
  answerBytesMax: optional(whole(1, 200_000)),
};

/** Defaults of a lookup. */
export const lookupDefaults: Required<LookupOptions> = Object.freeze({
  ttlMs: 300_000,
  failureTtlMs: 10_000,
  cacheEntriesMax: 100_000,
  concurrencyMax: 16,
  timeoutMs: 5_000,
  answerBytesMax: 65_536,
});

const specRules: Rules<LookupSpec> = { ...lookupRules, lookup: aFunction };

export const someLookups: Rule = (value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "must be an object of lookups by name";
  const problems = Object.entries(value).flatMap(([name, spec]) => {
    const must = aName(name);
    if (must !== undefined) return [`name ${JSON.stringify(name)} ${must}`];
    return problemsByRules(spec as LookupSpec, specRules).map((problem) => `${name}: ${problem}`);
  });
  return problems.length === 0 ? undefined : `are wrong: ${problems.join(", ")}`;
};

/** Checked lookups, with their defaults. */
export function lookupPlans<Config>(
  specs: LookupSpecs<Config>,
): Readonly<Record<string, LookupPlan>> {
  const plans = Object.entries(specs).map(([name, spec]) => {
    const { lookup, ...given } = spec;
    return [
      name,
      { ...lookupDefaults, ...given, lookup: lookup.bind(spec) as LookupPlan["lookup"] },
    ];
  });
  return Object.fromEntries(plans) as Record<string, LookupPlan>;
}
