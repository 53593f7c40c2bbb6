import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { TopicFilter } from "../../schemas/topic-filter.js";
import type { Page, ReadOptions } from "./event-source.js";
import type { Horizons } from "./horizons.js";

/** A page ends once it holds this many bytes of blocks, unless the reader says otherwise. */
export const pageBytesDefault = 1024 * 1024;

/** A page also ends once it has looked at this many bytes, matching or not. */
export const scanBytesMax = 16 * 1024 * 1024;

/** A read whose options were checked against the log. `from` inclusive, `to` exclusive. */
export interface PageRequest {
  readonly from: number;
  readonly to: number;
  readonly filter: TopicFilter;
  readonly descending: boolean;
  readonly bytesMax: number;
  readonly signal?: AbortSignal;
}

/** The part of a log that can be read at this moment. */
export interface Span {
  readonly first: number;
  readonly head: number;
  readonly horizons: Horizons;
}

/** Throws OFFSET_INVALID, LOG_DIVERGED, LOG_TRUNCATED, or PATTERN_INVALID. */
export function pageRequest(options: ReadOptions, span: Span): PageRequest {
  const { from, patterns, signal } = options;
  if (!Number.isSafeInteger(from) || from < 0)
    throw new FedbusError("OFFSET_INVALID", `${from} is not an offset`);
  if (from > span.head) throw pastHead(options, span.head);
  const first = Math.max(span.first, span.horizons.firstOf(patterns));
  if (from < first) throw truncated(from, first);
  return {
    from,
    to: Math.min(options.to ?? span.head, span.head),
    filter: TopicFilter.of(patterns ?? ["#"]),
    descending: options.order === "desc",
    bytesMax: options.bytesMax ?? pageBytesDefault,
    ...(signal !== undefined && { signal }),
  };
}

/** A reader who remembers an epoch has read past this head: the log lost what it had. */
function pastHead(options: ReadOptions, head: number): FedbusError {
  return options.epoch === undefined
    ? new FedbusError("OFFSET_INVALID", `offset ${options.from} is past the head, ${head}`, {
        details: { head },
      })
    : diverged(options.from, head);
}

export function truncated(from: number, first: number): FedbusError {
  return new FedbusError(
    "LOG_TRUNCATED",
    `offset ${from} was removed by retention; the first that can be read is ${first}`,
    { details: { first } },
  );
}

/** The first offset left, if `error` says that retention removed what was wanted. */
export function firstLeft(error: unknown): number | undefined {
  const { first } = isFedbusError(error, "LOG_TRUNCATED") ? error.details : {};
  return typeof first === "number" ? first : undefined;
}

export function diverged(from: number, head: number): FedbusError {
  return new FedbusError(
    "LOG_DIVERGED",
    `the log does not hold what the reader has seen before offset ${from}`,
    { details: { from, head } },
  );
}

/** Throws LOG_DIVERGED unless the event before `options.from` was recorded under `actual`. */
export function checkEpoch(options: ReadOptions, actual: number | undefined, head: number): void {
  if (options.epoch !== undefined && actual !== undefined && actual !== options.epoch)
    throw diverged(options.from, head);
}

/** The page of a range that holds nothing. */
export function emptyPage(request: PageRequest, span: Span): Page {
  const next = request.descending ? request.from : Math.max(request.from, request.to);
  return { blocks: [], next, done: true, first: span.first, head: span.head };
}
