import type { ErrorJson } from "../../schemas/errors.js";

/** Why one event of a batch was not taken. `index` is its place in the batch as it was sent. */
export interface RefusedEvent extends ErrorJson {
  readonly index: number;
}

/**
 * What a log block remembers of one producer's batch: enough to give a resend the first answer.
 * The batch's accepted events stand consecutively in the block, from `at` on.
 */
export interface ProducerRun {
  /** Producer id. */
  readonly id: string;
  /** Which instance of the producer sent it. */
  readonly epoch: number;
  /** Sequence of the batch's first event. */
  readonly seq: number;
  /** Events in the batch, refused ones included. */
  readonly count: number;
  /** Index in the block of the batch's first accepted event. */
  readonly at: number;
  readonly refused?: readonly RefusedEvent[];
}
