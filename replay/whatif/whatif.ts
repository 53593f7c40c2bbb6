import { rm } from "node:fs/promises";
import { join } from "node:path";
import { nextEvent, patternsOf } from "../engine/end-time.js";
import { Replay } from "../engine/replay.js";
import { type CauseGroup, groupByCause, joinByCause } from "../outputs/cause-groups.js";
import type { Output } from "../outputs/output.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import { pathPattern } from "./field-diff.js";
import type { LivePlace } from "./live-place.js";
import { loggedSide, type OldSide, replayedSide, timeOf } from "./old-side.js";
import type { WhatIfOptions } from "./options.js";
import { pairsOf } from "./pair.js";
import type { WhatIfReport } from "./report.js";
import { Tally } from "./tally.js";

/** Which outputs are compared. */
interface Extent {
  readonly from: number;
  readonly to: number;
  /** Outputs that were made later do not count, ms of the log's time: the other side is not there. */
  readonly until: number;
}

/**
 * Replays a consumer over a range of the log, and compares its outputs with those that were
 * published there: which it adds, drops and changes, aligned by cause, field by field. Memory is
 * bounded by the outputs of one cause. Rejects as `Replay` does, and with AbortError and OPTIONS_INVALID.
 */
export async function whatIf(options: WhatIfOptions): Promise<WhatIfReport> {
  const { source, against, dir, signal } = options;
  // Before anything is replayed for it.
  const ignored = (options.ignore ?? []).map(pathPattern);
  const info = await source.info();
  const begin = Math.max(info.first, options.startAt ?? 0);
  const from = options.from ?? begin;
  const notes: string[] = [];
  if (from > begin)
    notes.push(
      `The replay began at offset ${from} with empty state: what depends on events before it differs.`,
    );
  const isLogged = "name" in against;
  const name = isLogged ? against.name : against.consumer.name;
  const asked = { from, to: options.to ?? info.head };
  const result = await (async () => {
    await using old = isLogged
      ? await loggedSide(options, against, from)
      : await replayedSide(options, against, asked);
    if (old.isEmpty) notes.push(`There are no outputs of ${name} in the log.`);
    const extent = await extentOf(options, old, from, notes);
    await using replay = await replayed({ ...options, ...extent }, name);
    signal?.throwIfAborted();
    const tally = await compare(old, replay, extent, { ...options, ignored });
    return { ...tally.result, range: { from, to: extent.to } };
  })();
  await rm(dir, { recursive: true, force: true });
  const { version } = options.consumer;
  const consumer = { name: options.consumer.name, version };
  const label = isLogged ? name : `${name} ${against.consumer.version}`;
  return { against: label, consumer, ...result, notes };
}

async function replayed(options: WhatIfOptions & Extent, name: string): Promise<Replay> {
  const { source, config, pluginHash, dir, from, to } = options;
  const { limits, logger, signal, onProgress, onImpure } = options;
  const replay = await Replay.open({
    // Outputs and dead letters are named after their consumer.
    consumer: { ...options.consumer, name },
    ...{ source, from, to },
    dir: join(dir, "new"),
    ...(config !== undefined && { config }),
    ...(pluginHash !== undefined && { pluginHash }),
    ...(limits !== undefined && { limits }),
    ...(logger !== undefined && { logger }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress: (progress) => onProgress("new", progress) }),
    ...(onImpure !== undefined && { onImpure }),
  });
  try {
    await replay.run();
    return replay;
  } catch (error) {
    await replay.close();
    throw error;
  }
}

async function extentOf(
  options: WhatIfOptions,
  { place, isEmpty }: OldSide,
  from: number,
  notes: string[],
): Promise<Extent> {
  const { source, consumer, config = {} } = options;
  const { head } = await source.info();
  const wanted = options.to ?? head;
  const forever = Number.POSITIVE_INFINITY;
  if (place === undefined || isEmpty) return { from, to: wanted, until: forever };
  const to = Math.max(from, Math.min(wanted, place.next));
  if (options.to !== undefined && to < wanted)
    notes.push(`Compared up to offset ${to}: further than that the published outputs do not go.`);
  const following = await nextEvent(source, to, patternsOf(consumer, config));
  return { from, to, until: isPast(place, following?.offset) ? forever : place.time };
}

/** Whether everything that belongs before `offset` has been done. */
function isPast({ next }: LivePlace, offset: number | undefined): boolean {
  return offset !== undefined && next > offset;
}

async function compare(
  old: OldSide,
  replay: Replay,
  extent: Extent,
  { limit = 20, ignored, signal }: WhatIfOptions & { readonly ignored: readonly RegExp[] },
): Promise<Tally> {
  const tally = new Tally(limit, ignored);
  const olds = within(old.groups(), extent);
  const news = within(groupByCause(storedOutputs(replay.store)), extent);
  for await (const group of joinByCause(olds, news)) {
    for (const pair of pairsOf(group.olds, group.news)) tally.count(pair);
    signal?.throwIfAborted();
  }
  return tally;
}

async function* within(
  groups: AsyncIterable<CauseGroup>,
  { from, to, until }: Extent,
): AsyncGenerator<CauseGroup> {
  const isIn = (output: Output): boolean => timeOf(output) <= until;
  for await (const { offset, outputs } of groups)
    if (offset >= from && offset < to) yield { offset, outputs: outputs.filter(isIn) };
}
