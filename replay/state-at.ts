import { rm } from "node:fs/promises";
import type { EventSource, Logger } from "../bus/index.js";
import { isFedbusError } from "../schemas/index.js";
import type { ImpureUse } from "./determinism/impure-use.js";
import { endTime, patternsOf } from "./engine/end-time.js";
import type { ReplayOptions } from "./engine/options.js";
import type { ReplayProgress } from "./engine/pace.js";
import { Replay } from "./engine/replay.js";
import type { Candidate } from "./whatif/options.js";

/** A moment of the log: before an offset, or before a time, ms since 1970. */
export type StateMoment = { readonly offset: number } | { readonly time: number };

export interface StateAtOptions extends Candidate {
  readonly source: EventSource;
  readonly at: StateMoment;
  /** A directory that keeps what was rebuilt: a later moment is reached from there. */
  readonly dir: string;
  /** Where the consumer began. Default: the log's first offset. */
  readonly startAt?: number;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly onImpure?: (use: ImpureUse) => void;
}

/**
 * A consumer's state as it was when everything before a moment of the log was handled, and nothing
 * behind it: rebuilt by a replay, whose `store` holds it. The caller closes the replay.
 * Rejects as `Replay` does, and with AbortError.
 */
export async function stateAt({ at, startAt, ...options }: StateAtOptions): Promise<Replay> {
  const { source, dir, signal, consumer, config = {} } = options;
  const { first, head } = await source.info();
  const from = Math.max(first, startAt ?? 0);
  const isTime = "time" in at;
  const to = Math.max(from, isTime ? await source.offsetAtTime(at.time) : at.offset);
  // Behind the head no time is known: then it is the present. Always told, for what lies in `dir` had another one.
  const time =
    isTime && to < head ? at.time : await endTime(source, to, patternsOf(consumer, config));
  const asked = { dir, from, to, ...(time !== undefined && { time }) };
  const replay = await openOrAnew({ ...options, ...asked });
  try {
    await replay.run();
    signal?.throwIfAborted();
    return replay;
  } catch (error) {
    await replay.close();
    throw error;
  }
}

/** Goes on with what was rebuilt before, unless that has come too far or was of other code. */
async function openOrAnew(options: ReplayOptions): Promise<Replay> {
  try {
    return await Replay.open(options);
  } catch (error) {
    if (!isFedbusError(error, "OPTIONS_INVALID")) throw error;
    await rm(options.dir, { recursive: true, force: true });
    return await Replay.open(options);
  }
}
