import type { ErrorJson } from "../../schemas/index.js";
import type { LogEnd } from "./log-end.js";
import type { PartitionState, PartitionStatus } from "./partition.js";

/** What a consumer is doing, all its partitions together. */
export type ConsumerState = PartitionState | "paused" | "rescaling" | "unknown";

/** How a consumer is. */
export interface ConsumerStatus {
  readonly name: string;
  readonly version: string;
  /** The plugin's file. */
  readonly path: string;
  /** Its settings as they were given, without defaults. */
  readonly config: unknown;
  readonly state: ConsumerState;
  readonly generation: number;
  readonly parallelism: number;
  readonly topics: readonly string[];
  /** The next offset that is not committed, of the partition that is furthest behind. */
  readonly offset: number;
  /** The log's head; absent while no hub answers. */
  readonly head?: number;
  /**
   * Offsets from the next to be read to the last event on its topics: 0 when nothing waits. Other events
   * that lie between count too. Absent while no hub answers.
   */
  readonly lag?: number;
  /** Events handled a second, of late. */
  readonly rate: number;
  readonly handled: number;
  readonly outputs: number;
  /** All that it has written, also those that are dealt with. */
  readonly deadLetters: number;
  /** Event time up to which the stream is complete, ms; absent before the first event. */
  readonly watermark?: number;
  /** How often processes were started again. */
  readonly restarts: number;
  readonly error?: ErrorJson;
  /** What the plugin says of itself, each sentence once; absent if there is nothing. */
  readonly notes?: readonly string[];
  readonly partitions: readonly PartitionStatus[];
}

/** What a status says that is no sum of its partitions. */
export type StatusFrame = Pick<
  ConsumerStatus,
  "name" | "version" | "path" | "config" | "generation" | "parallelism" | "topics"
> & {
  readonly startAt: number;
  /** Overrides what the partitions say. */
  readonly state: ConsumerState | undefined;
  readonly error: ErrorJson | undefined;
  readonly end: LogEnd | undefined;
};

/** The worst first: what one partition is decides what the consumer is. */
const gravity: readonly ConsumerState[] = [
  ...(["broken", "halted", "waiting", "starting", "running"] as const),
  ...(["ended", "stopped"] as const),
];

/** The next offset to be read, of the partition that is furthest behind. */
export function nextOf(partitions: readonly PartitionStatus[], startAt: number): number {
  const nexts = partitions.flatMap(({ progress }) => progress?.next ?? []);
  return nexts.length === 0 ? startAt : Math.min(...nexts);
}

export function statusOf(
  frame: StatusFrame,
  partitions: readonly PartitionStatus[],
): ConsumerStatus {
  const { startAt, end, error: ownError, state: ownState, ...rest } = frame;
  const progress = partitions.flatMap((one) => (one.progress === undefined ? [] : [one.progress]));
  const sum = (name: "handled" | "outputs" | "deadLetters"): number =>
    progress.reduce((total, one) => total + one[name], 0);
  const offset =
    progress.length === 0 ? startAt : Math.min(...progress.map((one) => one.committedNext));
  const watermarks = progress.flatMap(({ watermark }) => (watermark === null ? [] : [watermark]));
  const notes = [...new Set(progress.flatMap(({ note }) => (note === undefined ? [] : [note])))];
  const states = partitions.map(({ state }) => state);
  const error = ownError ?? partitions.find((one) => one.error !== undefined)?.error;
  return {
    ...rest,
    state:
      ownState ?? gravity.find((state) => states.includes(state as PartitionState)) ?? "stopped",
    offset,
    ...(end === undefined
      ? {}
      : { head: end.head, lag: Math.max(0, end.wantedEnd - nextOf(partitions, startAt)) }),
    rate: partitions.reduce((total, { rate }) => total + rate, 0),
    handled: sum("handled"),
    outputs: sum("outputs"),
    deadLetters: sum("deadLetters"),
    ...(watermarks.length === 0 ? {} : { watermark: Math.min(...watermarks) }),
    restarts: partitions.reduce((total, { restarts }) => total + restarts, 0),
    ...(error === undefined ? {} : { error }),
    ...(notes.length === 0 ? {} : { notes }),
    partitions,
  };
}
