import type { QueryOptions } from "../bus/index.js";
import { FedbusError } from "../schemas/errors.js";
import type { Filter } from "../schemas/expression/filter.js";
import { given, parseCount, parseTime } from "./units.js";

/** The arguments of commands that read a range of stored events. */
export const patternsArgument = {
  patterns: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "Topic patterns: * is one segment, # the rest (default: every topic)",
  },
} as const;

export const rangeOptions = {
  from: { type: "string", describe: "First offset" },
  to: { type: "string", describe: "Offset to stop before" },
  since: { type: "string", describe: "First recording time, or that long ago: 2026-11-21, 15m" },
  until: { type: "string", describe: "Recording time to stop before" },
  where: { type: "string", describe: "Only events that this CEL expression accepts" },
} as const;

export interface RangeValues {
  readonly patterns: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly where: string | undefined;
}

/** A range of stored events, and the filter that looks at each of them. */
export interface Selection {
  readonly query: QueryOptions;
  readonly filter: Filter | undefined;
}

/** The filter that an expression makes; what reads expressions is loaded with the first. Rejects with EXPRESSION_INVALID. */
export async function filterFrom(text: string): Promise<Filter> {
  const { Filter } = await import("../schemas/expression/filter.js");
  return new Filter(text);
}

/** Checks the options. Rejects with OPTIONS_INVALID, OFFSET_INVALID or EXPRESSION_INVALID. */
export async function selectionFrom(values: RangeValues, signal: AbortSignal): Promise<Selection> {
  const now = Date.now();
  const filter = await given(values.where, filterFrom);
  const bounds = {
    from: given(values.from, (text) => parseCount("--from", text)),
    to: given(values.to, (text) => parseCount("--to", text)),
    since: given(values.since, (text) => parseTime("--since", text, now)),
    until: given(values.until, (text) => parseTime("--until", text, now)),
  };
  if (bounds.from !== undefined && bounds.to !== undefined && bounds.from > bounds.to)
    throw new FedbusError("OFFSET_INVALID", `--from ${bounds.from} is past --to ${bounds.to}`, {
      details: { option: "--from", remedy: "--from is the first offset, --to the one to stop at" },
    });
  const query: QueryOptions = {
    ...present(bounds),
    ...(values.patterns.length > 0 ? { patterns: values.patterns } : {}),
    ...(filter === undefined ? {} : { where: (event) => filter.test(event) }),
    signal,
  };
  return { query, filter };
}

/** Throws OFFSET_INVALID if the offset that an option names is one the log has not come to. */
export function checkNotPastHead(
  option: string,
  offset: number | undefined,
  { head }: { readonly head: number },
): void {
  if (offset === undefined || offset <= head) return;
  const message = `${option} ${offset} is past the head: the next offset is ${head}`;
  throw new FedbusError("OFFSET_INVALID", message, { details: { option, offset, head } });
}

/** The members that are not undefined. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** What to tell about events that the filter could not look at; undefined if there were none. */
export function noteOnFilter(filter: Filter | undefined): string | undefined {
  const count = filter?.tooLarge ?? 0;
  return count === 0
    ? undefined
    : `${count} events were too large for the expression's comprehension and were left out`;
}
