import type { EventSource } from "../../bus/index.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { StateStore } from "../store/state-store.js";
import type { Cause } from "./output-writer.js";
import type { WatermarkState } from "./watermark.js";

/** Where a consumer stands: kept with its state, so that both are always of the same moment. */
export interface Checkpoint {
  /** The log that it reads. */
  readonly logId: string;
  /** The next offset wanted: everything before it is done. */
  readonly next: number;
  /** The last event handled, and the log's epoch when it was recorded. */
  readonly last?: { readonly offset: number; readonly epoch: number };
  /** The log's time that it has come to, ms since 1970. */
  readonly time: number;
  /** The sequence of its next output. */
  readonly nextSeq: number;
  readonly cause: Cause;
  readonly watermark?: WatermarkState;
  /** The code that wrote this. */
  readonly version: string;
  /** Events handled so far, outputs written, and apart from them what went to the dead-letter topic. */
  readonly totals: Totals;
}

export interface Totals {
  readonly handled: number;
  readonly outputs: number;
  readonly deadLetters: number;
}

const name = "checkpoint";

export async function readCheckpoint(store: StateStore): Promise<Checkpoint | undefined> {
  return await store.meta<Checkpoint>(name);
}

export function checkpointMeta(checkpoint: Checkpoint): Record<string, unknown> {
  return { [name]: checkpoint };
}

/** The first checkpoint of a consumer that starts at `next`. */
export function firstCheckpoint(logId: string, next: number, version: string): Checkpoint {
  return {
    logId,
    next,
    time: 0,
    nextSeq: 0,
    cause: { offset: -1, counts: {} },
    version,
    totals: { handled: 0, outputs: 0, deadLetters: 0 },
  };
}

/** Throws LOG_DIVERGED unless the log still holds what the consumer has handled. */
export async function checkLog(checkpoint: Checkpoint, source: EventSource): Promise<void> {
  const { logId, head, first } = await source.info();
  const { next, last } = checkpoint;
  const details = { consumerAt: next, head, logId, consumerLogId: checkpoint.logId };
  if (logId !== checkpoint.logId)
    throw new FedbusError("LOG_DIVERGED", "the consumer's state is of another log", { details });
  if (next > head)
    throw new FedbusError("LOG_DIVERGED", "the log ends before what the consumer has handled", {
      details,
    });
  if (last === undefined || last.offset < first) return;
  const from = last.offset + 1;
  try {
    await source.read({ from, to: from, epoch: last.epoch });
  } catch (error) {
    if (!isFedbusError(error, "LOG_TRUNCATED")) throw error;
  }
}
