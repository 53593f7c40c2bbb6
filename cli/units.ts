import ms from "ms";
import { FedbusError } from "../schemas/errors.js";

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** An OPTIONS_INVALID that names the option, what it was given and what it takes. */
export function wrongOption(option: string, value: unknown, wanted: string): FedbusError {
  const shown = JSON.stringify(value)?.slice(0, 80);
  return new FedbusError("OPTIONS_INVALID", `${option} cannot be ${shown}`, {
    details: { option, value, remedy: `${option} takes ${wanted}` },
  });
}

/** An OPTIONS_INVALID for what excludes each other. */
export function notTogether(option: string, other: string, remedy: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", `${option} and ${other} cannot both be given`, {
    details: { option, remedy },
  });
}

/** An OPTIONS_INVALID for an option that says nothing without another. */
export function needs(option: string, other: string, remedy: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", `${option} needs ${other}`, {
    details: { option, remedy },
  });
}

/** An OPTIONS_INVALID for what must be given. */
export function missing(what: string, remedy: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", `${what} is missing`, { details: { remedy } });
}

/** Milliseconds of a duration such as `90s`, `15m`, `30d`. */
export function parseDuration(option: string, text: string): number {
  const wanted = "a duration such as 500ms, 90s, 15m, 12h or 30d";
  if (!/^\d+(?:\.\d+)? ?[a-z]+$/i.test(text)) throw wrongOption(option, text, wanted);
  const duration: number | undefined = ms(text as ms.StringValue);
  if (!Number.isFinite(duration) || duration === undefined) throw wrongOption(option, text, wanted);
  return duration;
}

/** Bytes of a size such as `500kB`, `10GB` or `1.5GiB`. */
export function parseSize(option: string, text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const factor = sizeUnits[unit.toLowerCase()];
  if (number === undefined || factor === undefined)
    throw wrongOption(option, text, "a size such as 500kB, 64MB or 10GiB");
  return Math.floor(Number(number) * factor);
}

/**
 * Milliseconds since 1970 of a point in time: a duration means that long before `now`; else a date
 * such as `2026-11-21` or `2026-11-21T14:00Z`, a time of day within the last 24 hours, or seconds or
 * milliseconds since 1970. Without a zone it is local time.
 */
export function parseTime(option: string, text: string, now: number): number {
  if (text === "now") return now;
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const date = dateIn(text, now);
  if (!Number.isNaN(date)) return date;
  if (/^\d+(?:\.\d+)? ?[a-z]+$/i.test(text)) return now - parseDuration(option, text);
  throw wrongOption(
    option,
    text,
    "a time such as 2026-11-21T14:00Z, or a duration ago such as 15m",
  );
}

function dateIn(text: string, now: number): number {
  if (/^\d\d:\d\d(?::\d\d)?$/.test(text)) {
    const day = new Date(now);
    const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
    if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
    if (day.setHours(hours, minutes, seconds, 0) > now) day.setDate(day.getDate() - 1);
    return day.getTime();
  }
  // A date alone would be taken as UTC, unlike a date with a time.
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return Date.parse(`${text}T00:00`);
  return /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
}

/** A whole number of at least `min`. */
export function parseCount(option: string, text: string, min = 0): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < min)
    throw wrongOption(option, text, `a whole number of ${min} or more`);
  return count;
}

/** Events a second of a rate such as `100`, `100/s`, `30/m`. */
export function parseRate(option: string, text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text) ?? [];
  const rate = Number(number) / { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
  if (!(rate > 0)) throw wrongOption(option, text, "a rate such as 100/s or 30/m");
  return rate;
}

/** `value` through `parse`, if the option was given at all. */
export function given<T, R>(value: T | undefined, parse: (value: T) => R): R | undefined {
  return value === undefined ? undefined : parse(value);
}
