import { type Clock, systemClock } from "../../kernel/clock.js";
import { type Logger, silentLogger } from "../../kernel/logger.js";
import { checkOptions } from "../../kernel/options.js";

export interface LevelLogOptions {
  /** Make the log if there is none. Default true. */
  readonly create?: boolean;
  /** Appends fail with LOG_DISK_LOW when less than this is free. Default 64 MiB; 0: never. */
  readonly freeBytesMin?: number;
  /** Size of the file that is given up when opening finds the disk full. Default 8 MiB; 0: none. */
  readonly ballastBytes?: number;
  /** Newest blocks kept in memory for followers at the head. Default 2 MiB. */
  readonly recentBytesMax?: number;
  /**
   * Open although acknowledged events are missing. What is missing is recorded and stays a hole:
   * its offsets are not used again, and reading over them fails with LOG_CORRUPT. Default false.
   */
  readonly acceptLoss?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const levelLogDefaults = Object.freeze({
  create: true,
  freeBytesMin: 64 * 1024 * 1024,
  ballastBytes: 8 * 1024 * 1024,
  recentBytesMax: 2 * 1024 * 1024,
  acceptLoss: false,
  clock: systemClock,
  logger: silentLogger,
});

/** With the defaults filled in. Throws OPTIONS_INVALID. */
export function levelLogOptions(options: LevelLogOptions): Required<LevelLogOptions> {
  checkOptions("LevelLog", options, {
    create: "flag",
    freeBytesMin: "count",
    ballastBytes: "count",
    recentBytesMax: "count",
    acceptLoss: "flag",
    clock: "other",
    logger: "other",
  });
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...levelLogDefaults, ...(Object.fromEntries(given) as LevelLogOptions) };
}
