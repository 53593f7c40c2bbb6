import type { Block } from "../block/block.js";
import type { ProducerRun } from "../block/producer-run.js";
import { answersMax, type BatchAnswer, type ProducerState } from "./event-log.js";

/** The answer to the batch that `run` records, in the block that starts at `firstOffset`. */
export function answerOf(run: ProducerRun, firstOffset: number): BatchAnswer {
  const refused = run.refused ?? [];
  const accepted = run.count > refused.length;
  return {
    seq: run.seq,
    count: run.count,
    firstOffset: accepted ? firstOffset + run.at : -1,
    refused,
  };
}

/** The producer's state after the batch that `run` records. */
export function advance(
  state: ProducerState | undefined,
  run: ProducerRun,
  block: Block,
): ProducerState {
  const answer = answerOf(run, block.firstOffset);
  return {
    id: run.id,
    epoch: Math.max(state?.epoch ?? 0, run.epoch),
    nextSeq: run.seq + run.count,
    answers: [...(state?.answers ?? []), answer].slice(-answersMax),
  };
}

/**
 * The state of a producer that greets again: a higher epoch than any it had.
 *
 * The log's own epoch is the floor, because raised epochs live only in the index, which can be
 * lost: after that, an epoch handed out before must still not be handed out again.
 */
export function raise(
  id: string,
  state: ProducerState | undefined,
  logEpoch: number,
): ProducerState {
  const epoch = Math.max((state?.epoch ?? 0) + 1, logEpoch);
  return { id, epoch, nextSeq: state?.nextSeq ?? 0, answers: state?.answers ?? [] };
}

/** How ids begin that a publisher made up for its one life: nobody comes back under them. */
export const passingPrefix = "anonymous-";

/**
 * Whether a producer of one life can be forgotten by a log that begins at `first`: its last event
 * is gone, or it never had one and greeted a log that was opened before this one. Should it live
 * after all, it is told PRODUCER_UNKNOWN and greets again.
 */
export function isPast(state: ProducerState, first: number, logEpoch: number): boolean {
  if (!state.id.startsWith(passingPrefix)) return false;
  let end = -1;
  for (const { firstOffset, count, refused } of state.answers)
    if (firstOffset >= 0) end = Math.max(end, firstOffset + count - refused.length);
  return end < 0 ? state.epoch < logEpoch : end <= first;
}
