import type { Table } from "fedbus/consumers";

const dayMs = 86_400_000;

/** The spans that features look back over. */
export const spans = [1, 7, 30].map((days) => ({ days, ms: days * dayMs }));
const longestMs = Math.max(...spans.map(({ ms }) => ms));

/** A value and its time. */
export type Point = [at: number, value: number];

/** The points of a key, oldest first, as far back as anybody looks: `delayMs` before the longest span. */
export function trailOf(table: Table<Point[]>, key: string, at: number, delayMs = 0): Point[] {
  const oldest = at - delayMs - longestMs;
  return (table.get(key) ?? []).filter(([time]) => time >= oldest);
}

/** For each span before `end`: how many points it has, and their mean, 0 of none. */
export function numbersOf(trail: readonly Point[], end: number, name: string) {
  const numbers: Record<string, number> = {};
  for (const { days, ms } of spans) {
    const within = trail.filter(([at]) => at < end && at >= end - ms);
    const sum = within.reduce((total, [, value]) => total + value, 0);
    numbers[`${name}Count${days}`] = within.length;
    numbers[`${name}Mean${days}`] = within.length === 0 ? 0 : sum / within.length;
  }
  return numbers;
}
