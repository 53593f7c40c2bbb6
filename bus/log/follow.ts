import { FedbusError } from "../../schemas/errors.js";
import { beaconMs } from "../wire/limits.js";
import type { FollowedPage, FollowOptions, Page, ReadOptions } from "./event-source.js";
import type { HeadWatch } from "./head-watch.js";
import type { Horizons } from "./horizons.js";

/** What following needs of a log. */
export interface Followable {
  readonly head: number;
  readonly watch: HeadWatch;
  readonly horizons: Horizons;
  read(options: ReadOptions): Promise<Page>;
  time(): number | undefined;
}

/**
 * Reads page after page, and sleeps at the head until the log grows.
 *
 * `caughtUp` is true on the page that reaches the head, also when there was nothing to deliver; it
 * is true again only after the follower has lagged. When `signal` is aborted the iteration ends
 * without an error, as `break` would; `close` ends it with CLOSED. With `beacons`, every page at the
 * head tells the time.
 *
 * `live` means the head at this call, not at the first pull, so nothing appended between is missed.
 */
export function follow(log: Followable, options: FollowOptions): AsyncIterable<FollowedPage> {
  const start = options.from === "live" ? log.head : options.from;
  return pages(log, options, start);
}

async function* pages(
  log: Followable,
  options: FollowOptions,
  start: number,
): AsyncGenerator<FollowedPage, void, undefined> {
  const { signal, from: _, epoch, beacons = false, ...wanted } = options;
  const cutsAtStart = log.horizons.version;
  let next = start;
  let atHead = false;
  let firstRead = true;
  while (!signal?.aborted) {
    if (atHead && next >= log.head) {
      await log.watch.next(signal, beacons ? beaconMs : undefined);
      const told = beacons && !signal?.aborted ? timeAt(log, next) : {};
      if (told.time !== undefined) yield { blocks: [], next, caughtUp: false, ...told };
      continue;
    }
    const page = await readPage(log, {
      ...wanted,
      from: next,
      ...(firstRead && epoch !== undefined && { epoch }),
      ...(signal !== undefined && { signal }),
    });
    if (page === undefined) return;
    checkOvertaken(log.horizons, cutsAtStart, options, next);
    firstRead = false;
    const before = next;
    next = page.next;
    const reached = page.done && next >= log.head;
    const caughtUp = reached && !atHead;
    const progress = next > before || caughtUp || !page.done;
    atHead = reached;
    const told = beacons ? timeAt(log, next) : {};
    if (progress) yield { blocks: page.blocks, next, caughtUp, ...told };
  }
}

/** The log's time, if it holds for a follower whose place is `next`. */
function timeAt(log: Followable, next: number): { readonly time?: number } {
  const time = next === log.head ? log.time() : undefined;
  return time === undefined ? {} : { time };
}

/** The page, or undefined if the follower's own signal ended the wait. */
async function readPage(log: Followable, options: ReadOptions): Promise<Page | undefined> {
  try {
    return await log.read(options);
  } catch (error) {
    if (options.signal?.aborted && error === options.signal.reason) return undefined;
    throw error;
  }
}

/**
 * Pattern retention takes events out of the middle, which leaves nothing for offsets to show. A
 * follower that it overtakes is told once; following again from `details.first` then works.
 */
function checkOvertaken(
  horizons: Horizons,
  since: number,
  options: FollowOptions,
  next: number,
): void {
  if (horizons.version === since) return;
  const cut = horizons.raisedSince(since, options.patterns, next);
  if (cut === undefined) return;
  throw new FedbusError("LOG_TRUNCATED", "retention removed events ahead of this reader", {
    details: { first: next, pattern: cut.pattern, before: cut.first },
  });
}
