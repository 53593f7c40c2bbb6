import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { BusEvent, EventSource } from "../../bus/index.js";
import { Block } from "../../bus/index.js";
import { outboxBatches, type Partition, type StateStore } from "../../consumers/index.js";
import { keyGroups } from "../../consumers/store/key-group.js";
import { FedbusError } from "../../schemas/index.js";
import type { ReplayProgress } from "../engine/pace.js";
import { Replay } from "../engine/replay.js";
import { causeOf, identityOf, type Output } from "../outputs/output.js";
import { storedOutputs } from "../outputs/stored-outputs.js";
import { type FieldDifference, fieldDifferences } from "../whatif/field-diff.js";
import type { Candidate } from "../whatif/options.js";
import { groupIn } from "./output-group.js";

/** What running a slice of the log again has made of an output. */
export interface Rerun {
  /** What was run: the cause alone, the events of its group of keys from the beginning, or all. */
  readonly slice: "event" | "keys" | "all";
  /** Offsets that the slice spans. */
  readonly from: number;
  readonly to: number;
  /** `bytes`: the same, byte for byte; `content`: all but what a promotion or version changes. */
  readonly same: "bytes" | "content" | "no";
  /** What came out instead; absent if nothing did. */
  readonly output?: unknown;
  readonly fields: readonly FieldDifference[];
}

export interface RerunOptions extends Candidate {
  readonly source: EventSource;
  /** A directory for scratch stores; removed at the end. */
  readonly dir: string;
  /** Where the consumer began. Default: the log's first offset. */
  readonly startAt?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/**
 * Runs again what led to an output, and nothing else: first the event that caused it, alone, with
 * empty state; if that does not give the output, every event of the same group of keys, from the
 * beginning. Rejects with INPUT_INVALID for an event that no consumer has published.
 */
export async function rerun(event: BusEvent, options: RerunOptions): Promise<Rerun> {
  const cause = causeOf(event.envelope);
  if (cause === undefined)
    throw new FedbusError("INPUT_INVALID", `event ${event.offset} is no consumer's output`);
  const { first } = await options.source.info();
  const to = cause.offset + 1;
  const alone = await attempt(event, options, { slice: "event", from: cause.offset, to });
  // Other events may have led to the same content at another place among the cause's outputs.
  if (alone.same === "bytes") return alone;
  const from = Math.max(first, options.startAt ?? 0);
  const group = options.consumer.keyed ? groupIn(event.envelope) : undefined;
  if (group === undefined) return await attempt(event, options, { slice: "all", from, to });
  const partition = { index: group, count: keyGroups };
  return await attempt(event, options, { slice: "keys", from, to, partition });
}

async function attempt(
  event: BusEvent,
  { source, consumer, config, dir, signal, onProgress }: RerunOptions,
  slice: Pick<Rerun, "slice" | "from" | "to"> & { readonly partition?: Partition },
): Promise<Rerun> {
  const { partition, from, to } = slice;
  const scratch = join(dir, slice.slice);
  await rm(scratch, { recursive: true, force: true });
  const name = causeOf(event.envelope)!.consumer;
  const replay = await Replay.open({
    consumer: { ...consumer, name },
    ...{ source, dir: scratch, from, to },
    ...(config !== undefined && { config }),
    ...(partition !== undefined && { partition }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  });
  try {
    await replay.run();
    signal?.throwIfAborted();
    const found = await compare(event, replay.store);
    return { slice: slice.slice, from, to, ...found };
  } finally {
    await replay.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function compare(
  event: BusEvent,
  store: StateStore,
): Promise<Pick<Rerun, "same" | "output" | "fields">> {
  if (await holds(store, event.bytes)) return { same: "bytes", fields: [] };
  const wanted: Output = { cause: causeOf(event.envelope)!, envelope: event.envelope };
  let nearest: { readonly output: Output; readonly fields: readonly FieldDifference[] } | undefined;
  for await (const output of storedOutputs(store)) {
    if (output.cause.offset !== wanted.cause.offset) continue;
    if (identityOf(output) !== identityOf(wanted)) continue;
    const fields = fieldDifferences(wanted, output);
    if (nearest === undefined || fields.length < nearest.fields.length)
      nearest = { output, fields };
  }
  if (nearest === undefined) return { same: "no", fields: [] };
  const { output, fields } = nearest;
  return { same: fields.length === 0 ? "content" : "no", output: output.envelope.msg, fields };
}

async function holds(store: StateStore, bytes: Buffer): Promise<boolean> {
  for await (const { block: encoded, count } of outboxBatches(store)) {
    const block = Block.decode(encoded);
    for (let index = 0; index < count; index++) if (block.bytesOf(index).equals(bytes)) return true;
  }
  return false;
}
