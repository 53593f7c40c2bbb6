import type { TimePart } from "./feature.js";

/** How a part is taken from a date in UTC, and how many of it make a turn. */
const parts: Readonly<Record<TimePart, readonly [of: (date: Date) => number, turn: number]>> = {
  minute: [(date) => date.getUTCMinutes(), 60],
  hour: [(date) => date.getUTCHours() + date.getUTCMinutes() / 60, 24],
  weekday: [(date) => date.getUTCDay(), 7],
  day: [(date) => date.getUTCDate() - 1, 31],
  month: [(date) => date.getUTCMonth(), 12],
};

export const timePartNames = Object.keys(parts) as readonly TimePart[];

/** Without an offset a text would mean another time on another machine. */
const isoTime =
  /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

/** ms since 1970; NaN for what is no time. */
export function timeOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && isoTime.test(value) ? Date.parse(value) : Number.NaN;
}

/** The part of a date as a number from 0 on; hours have fractions. */
export function partOf(date: Date, part: TimePart): number {
  return parts[part][0](date);
}

/** The part of a date as an angle, 0 to below 2π. */
export function angleOf(date: Date, part: TimePart): number {
  const [of, turn] = parts[part];
  return (2 * Math.PI * of(date)) / turn;
}
