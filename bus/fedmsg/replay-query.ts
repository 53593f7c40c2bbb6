import { FedbusError } from "../../schemas/errors.js";
import { answerEventsMax } from "./limits.js";

/** What a fedmsg program asks for: events that fit any of these. Times are seconds since 1970, both included. */
export interface ReplayQuery {
  /** Ranges of offsets, both ends included. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly ids: ReadonlySet<string>;
  readonly time: readonly [from: number, to: number] | undefined;
}

const keys = ["seq_id", "seq_ids", "seq_id_range", "msg_id", "msg_ids", "time"];

/** A query's JSON, checked. Throws INPUT_INVALID, whose message is what fedmsg programs get to see. */
export function decodeQuery(text: string): ReplayQuery {
  const query = parsed(text);
  const unknown = Object.keys(query).find((key) => !keys.includes(key));
  if (unknown !== undefined || Object.keys(query).length === 0)
    throw invalid(`a query has one or more of ${keys.join(", ")}`);
  const single = numbers(query.seq_id === undefined ? [] : [query.seq_id], "seq_id");
  const several = numbers(query.seq_ids ?? [], "seq_ids");
  const range = query.seq_id_range === undefined ? [] : [pair(query.seq_id_range, "seq_id_range")];
  const ids = [...texts(query.msg_ids ?? [], "msg_ids")];
  if (query.msg_id !== undefined) ids.push(...texts([query.msg_id], "msg_id"));
  if (single.length + several.length + ids.length > answerEventsMax)
    throw invalid(`a query names at most ${answerEventsMax} events`);
  return {
    ranges: [...[...single, ...several].map((seq) => [seq, seq] as const), ...range],
    ids: new Set(ids),
    time: query.time === undefined ? undefined : pair(query.time, "time"),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("a query is a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("a query is a JSON object");
  return value as Readonly<Record<string, unknown>>;
}

function numbers(value: unknown, key: string): number[] {
  if (Array.isArray(value) && value.every((item) => Number.isFinite(item))) return value;
  throw invalid(`${key} holds numbers`);
}

function texts(value: unknown, key: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalid(`${key} holds strings`);
}

function pair(value: unknown, key: string): readonly [number, number] {
  const [from, to, ...more] = numbers(value, key);
  if (from === undefined || to === undefined || more.length > 0 || from > to)
    throw invalid(`${key} is two numbers, the lower one first`);
  return [from, to];
}

function invalid(why: string): FedbusError {
  return new FedbusError("INPUT_INVALID", why);
}
