import { canonicalPatterns } from "../schemas/index.js";
import type { QueryOptions } from "./bus.js";
import type { BusEvent } from "./event.js";
import { eventsOf } from "./event.js";
import { problemsIn, refuse } from "./kernel/options.js";
import type { EventSource, Page } from "./log/event-source.js";
import { firstLeft } from "./log/page-request.js";
import { problemsOfUpcast } from "./upcast/check-options.js";
import { UpcastReader } from "./upcast/upcast-reader.js";

/**
 * Stored events of a source, page by page. Without `from` it starts with what retention has left.
 * Throws OPTIONS_INVALID or PATTERN_INVALID at once.
 */
export function querySource(source: EventSource, options: QueryOptions): AsyncGenerator<BusEvent> {
  checkQuery(options);
  return pages(source, options);
}

function checkQuery(options: QueryOptions): void {
  const { order, where } = options;
  const problems = problemsIn(options, {
    patterns: "other",
    from: "count",
    to: "count",
    since: "count",
    until: "count",
    order: "other",
    where: "other",
    limit: "count",
    signal: "other",
    schemaVersion: "other",
    upcasters: "other",
  });
  problems.push(...problemsOfUpcast(options));
  if (order !== undefined && order !== "asc" && order !== "desc")
    problems.push("order must be asc or desc");
  if (where !== undefined && typeof where !== "function")
    problems.push("where must be a function of the event");
  refuse("query", problems);
  // A log that has nothing to read would not look at them.
  canonicalPatterns(patternsOf(options).patterns ?? []);
}

async function* pages(source: EventSource, options: QueryOptions): AsyncGenerator<BusEvent> {
  const { where, signal, order = "asc", limit = Number.POSITIVE_INFINITY } = options;
  let { from, to } = await rangeOf(source, options);
  const upcast = UpcastReader.for(source, patternsOf(options).patterns ?? [], options);
  let left = limit;
  while (from < to && left > 0) {
    signal?.throwIfAborted();
    let page: Page;
    try {
      page = await source.read({
        from,
        to,
        order,
        bytesMax: bytesFor(left, where !== undefined),
        ...patternsOf(options),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const first = options.from === undefined ? firstLeft(error) : undefined;
      if (first === undefined || first <= from) throw error;
      from = first;
      continue;
    }
    for (const block of page.blocks) {
      const stored = eventsOf(block);
      const events = upcast === undefined ? stored : await upcast.bring(stored);
      if (order === "desc") events.reverse();
      for (const event of events) {
        if (where?.(event) === false) continue;
        yield event;
        if (--left <= 0) return;
      }
    }
    if (page.done) return;
    if (order === "asc") from = page.next;
    else to = page.next;
  }
}

/** The offsets that the query's offsets and times leave, cut to what the log has. */
async function rangeOf(
  source: EventSource,
  options: QueryOptions,
): Promise<{ from: number; to: number }> {
  const { first, head } = await source.info();
  const since = options.since === undefined ? first : await source.offsetAtTime(options.since);
  const until = options.until === undefined ? head : await source.offsetAtTime(options.until);
  return {
    // An offset asked for by number is not moved: if it is gone, the log says so.
    from: options.from === undefined ? since : Math.max(options.from, options.since ? since : 0),
    to: Math.min(options.to ?? head, until, head),
  };
}

function bytesFor(left: number, filtered: boolean): number {
  // A few events need no megabyte; blocks are never split, so this is only a hint.
  return !filtered && left <= 100 ? 64 * 1024 : 1024 * 1024;
}

function patternsOf({ patterns }: QueryOptions): { patterns?: readonly string[] } {
  if (patterns === undefined) return {};
  return { patterns: typeof patterns === "string" ? [patterns] : patterns };
}
