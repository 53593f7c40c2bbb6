import type { BusEvent } from "fedbus";
import type { Hour } from "./windows.js";

/** How far ahead is predicted. */
const aheadMs = 3_600_000;

/** What an hour is called: its sensor, and when it ended. */
export function hourOf({ msg }: BusEvent): string {
  const { key, window } = msg as Hour;
  return `${key} ${window.end}`;
}

/** The one that was to predict it. */
export function hourBefore({ msg }: BusEvent): string {
  const { key, window } = msg as Hour;
  return `${key} ${window.end - aheadMs}`;
}

export function endOf({ msg }: BusEvent): number {
  return (msg as Hour).window.end;
}
