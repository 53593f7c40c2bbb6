import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Replay } from "../engine/replay.js";
import { type CauseGroup, groupByCause } from "../outputs/cause-groups.js";
import { CauseLanes } from "../outputs/cause-lanes.js";
import { effectiveOutputs } from "../outputs/effective.js";
import { type LoggedOutput, loggedOutputs, notLogged } from "../outputs/logged-outputs.js";
import type { Output } from "../outputs/output.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import type { LivePlace } from "./live-place.js";
import type { PublishedBy, WhatIfOptions } from "./options.js";

/** The outputs that the new ones are compared with. */
export interface OldSide extends AsyncDisposable {
  groups(): AsyncIterable<CauseGroup>;
  /** How far it goes; undefined if it goes as far as is wanted. */
  readonly place?: LivePlace;
  /** Whether there is anything at all. */
  readonly isEmpty: boolean;
}

/** What a consumer has published, as it is in the log. */
export async function loggedSide(
  options: WhatIfOptions,
  { name, place, lineage }: PublishedBy,
  from: number,
): Promise<OldSide> {
  const { source, dir, signal } = options;
  const { head } = await source.info();
  await mkdir(dir, { recursive: true });
  // Of its own: the same command may be running twice, and only replays hold a lock.
  const lanes = new CauseLanes(await mkdtemp(join(dir, "lanes-")));
  const latest = { offset: -1, time: 0 };
  const range = { from, to: head, lineage, ...(signal !== undefined && { signal }) };
  try {
    await lanes.fill(noting(loggedOutputs(source, name, range), latest));
    await lanes.fill(noting(unsentOutputs(place), latest));
  } catch (error) {
    await lanes[Symbol.asyncDispose]();
    throw error;
  }
  const told = { next: latest.offset + 1, time: latest.time };
  return {
    groups: () => effectiveGroups(lanes.read()),
    place: place ?? told,
    isEmpty: latest.offset < 0,
    [Symbol.asyncDispose]: () => lanes[Symbol.asyncDispose](),
  };
}

/** As if they stood in the log before all others: those that have arrived there take their place. */
async function* unsentOutputs(place: LivePlace | undefined): AsyncGenerator<LoggedOutput> {
  for (const output of place?.unsent ?? []) yield { ...output, offset: notLogged };
}

/** Notes the last cause that passes, and the latest output of it. */
async function* noting(
  outputs: AsyncIterable<LoggedOutput>,
  latest: { offset: number; time: number },
): AsyncGenerator<LoggedOutput> {
  for await (const output of outputs) {
    const time = timeOf(output);
    if (output.cause.offset > latest.offset) {
      latest.offset = output.cause.offset;
      latest.time = time;
    } else if (output.cause.offset === latest.offset) latest.time = Math.max(latest.time, time);
    yield output;
  }
}

async function* effectiveGroups(outputs: AsyncIterable<LoggedOutput>): AsyncGenerator<CauseGroup> {
  for await (const { offset, outputs: all } of groupByCause(outputs))
    yield { offset, outputs: effectiveOutputs(all) };
}

/** What another plugin makes of the same range. */
export async function replayedSide(
  options: WhatIfOptions,
  against: Exclude<WhatIfOptions["against"], { readonly name: string }>,
  range: { readonly from: number; readonly to: number },
): Promise<OldSide> {
  const { source, dir, limits, logger, signal, onProgress } = options;
  const replay = await Replay.open({
    ...{ source, ...against, ...range },
    dir: join(dir, "old"),
    ...(limits !== undefined && { limits }),
    ...(logger !== undefined && { logger }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress: (progress) => onProgress("old", progress) }),
  });
  try {
    await replay.run();
    signal?.throwIfAborted();
  } catch (error) {
    await replay.close();
    throw error;
  }
  return {
    groups: () => groupByCause(storedOutputs(replay.store)),
    isEmpty: false,
    [Symbol.asyncDispose]: () => replay.close(),
  };
}

/** The log's time at which an output was made, ms. */
export function timeOf({ envelope }: Output): number {
  return Math.round((envelope.timestamp ?? 0) * 1000);
}
