/** A version of a table's row: the event time it holds from, and its value; without one, it was deleted. */
export type Version = readonly [from: number, value?: unknown];

/** The place of the version that holds at `time`: the newest from then or before; -1 if none does. */
export function heldAt(versions: readonly Version[], time: number): number {
  let low = 0;
  let high = versions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (versions[middle]![0] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Puts `version` in its place. One from the same time takes the place of the earlier. */
export function addVersion(versions: Version[], version: Version): void {
  const at = heldAt(versions, version[0]);
  if (at >= 0 && versions[at]![0] === version[0]) versions[at] = version;
  else versions.splice(at + 1, 0, version);
}

/**
 * Takes away what held only before `horizon`, all but the newest `versionsMax`, and a deletion that
 * nothing is left before.
 */
export function prune(versions: Version[], horizon: number, versionsMax: number): void {
  let first = Math.max(0, heldAt(versions, horizon), versions.length - versionsMax);
  const oldest = versions[first];
  // A younger one stays: a row from before it may still come.
  if (oldest?.length === 1 && oldest[0] <= horizon) first++;
  if (first > 0) versions.splice(0, first);
}
