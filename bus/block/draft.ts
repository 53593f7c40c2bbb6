import type { ProducerRun } from "./producer-run.js";

/** Checked events on their way into the log, before they have offsets. */
export interface BlockDraft {
  /** Events, 1 to 65,535. */
  readonly count: number;
  /** `ends` (u32 little-endian an event), then the payload `[event,event,...]`. */
  readonly body: Buffer;
  /** CRC-32 of `body`. */
  readonly bodyCrc: number;
  /** The distinct topics. */
  readonly topics: readonly string[];
  /** For each event, its index in `topics`. */
  readonly topicIds: Uint16Array;
  readonly producers: readonly ProducerRun[];
}
