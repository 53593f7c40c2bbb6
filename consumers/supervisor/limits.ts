/** What a supervisor allows the processes of a consumer, and how long it waits; each can be set. */
export interface SupervisorLimits {
  /** Memory for JavaScript objects of one process, MiB. Default 512. */
  readonly heapMbMax: number;
  /** All memory of one process, bytes; checked some times a second. Default 1 GiB. */
  readonly rssBytesMax: number;
  /** A process whose event loop is silent for this long is ended, ms. Default 30,000. */
  readonly watchdogMs: number;
  /** A process that has events to handle and gets none done for this long is ended, ms. Sinks may be patient with
   * their destinations for 600,000. Default 1,800,000. */
  readonly stallMs: number;
  /** A process that has not begun after this long is ended, ms. Default 60,000. */
  readonly startMs: number;
  /** How long a process may take to come to a clean end when it is told to, ms. Sinks may
   * take 10,000 of it. Default 20,000. */
  readonly drainMs: number;
  /** The longest wait before a process is started again, ms. Default 30,000. */
  readonly restartMsMax: number;
  /**
   * Deaths without progress after which the consumer is left alone until it is resumed. At least
   * three more than the attempts at one event. Default 10.
   */
  readonly deathsMax: number;
  /** Characters of one line of what a plugin prints or logs; what is longer is cut. Default 8,192. */
  readonly lineLengthMax: number;
  /** Lines a second of what a plugin prints, and as many of what it logs; what is more is counted
   * and dropped. Default 200. */
  readonly linesPerSecondMax: number;
}

export const supervisorLimits: SupervisorLimits = Object.freeze({
  heapMbMax: 512,
  rssBytesMax: 1024 ** 3,
  watchdogMs: 30_000,
  stallMs: 1_800_000,
  startMs: 60_000,
  drainMs: 20_000,
  restartMsMax: 30_000,
  deathsMax: 10,
  lineLengthMax: 8_192,
  linesPerSecondMax: 200,
});

/** How often a process tells how far it is, ms. */
export const beatMs = 500;
