/** How far one key's event time is. */
export interface KeyProgress {
  /** Up to where its windows are closed. */
  watermark: number;
  /** Its greatest event time. */
  time: number;
  /** When its last event was recorded. */
  recordedAt: number;
}

/** How a key's watermark goes on. */
export interface ProgressOptions {
  readonly outOfOrderMs: number;
  readonly idleMs: number;
}

/**
 * The watermark at a time of the log. A key that has been quiet for `idleMs` goes on with the log: as far beyond
 * its greatest event time as the log is beyond its last event.
 */
export function watermarkAt(
  progress: KeyProgress,
  logTime: number,
  { outOfOrderMs, idleMs }: ProgressOptions,
): number {
  const quietMs = logTime - progress.recordedAt;
  const idle = quietMs >= idleMs ? quietMs : 0;
  return Math.max(progress.watermark, progress.time - outOfOrderMs + idle);
}

/** When in the log's time the key, if it stays quiet, gets to `watermark`. */
export function logTimeOf(
  progress: KeyProgress,
  watermark: number,
  { outOfOrderMs, idleMs }: ProgressOptions,
): number {
  return progress.recordedAt + Math.max(idleMs, watermark - progress.time + outOfOrderMs);
}
