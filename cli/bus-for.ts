import { readHubFile } from "../bus/hub/hub-file.js";
import type { Bus, Logger } from "../bus/index.js";
import { FedbusError, isFedbusError } from "../schemas/errors.js";
import { type Where, withoutFallback } from "./config.js";
import { findHub } from "./hub/find-hub.js";

/** A bus that a command works on, and how it was reached. */
export interface Target {
  readonly bus: Bus;
  /** Whether a running hub is behind it; else this process has the directory open. */
  readonly live: boolean;
  /** The hub's address, or the directory. */
  readonly place: string;
}

export interface TargetOptions {
  /** Make a log where there is none. Default: LOG_NOT_FOUND. */
  readonly create?: boolean;
  /** Told when a hub falls silent and when it is back. */
  readonly logger?: Logger;
}

/**
 * The bus at `where`: the hub that is found there, else the directory itself. Rejects with LOG_NOT_FOUND, HUB_UNREACHABLE or LOG_IN_USE.
 */
export async function openTarget(where: Where, options: TargetOptions = {}): Promise<Target> {
  const { dir } = where;
  const create = options.create === true;
  // Who wants a log made here means no hub elsewhere.
  const url = await findHub(create ? withoutFallback(where) : where);
  if (url !== undefined)
    return { bus: await connectTo(url, options.logger), live: true, place: url };
  // Who talks to a hub needs no LevelDB, and who opens a directory no ZeroMQ.
  const { openBus } = await import("../bus/open-bus.js");
  const bus = await openBus({ dir, log: { create } }).catch((error) => throwNamingHub(error, dir));
  return { bus, live: false, place: dir };
}

/** As `connect`, and a hub that does not even greet is told to be missing. */
export async function connectTo(url: string, logger?: Logger): Promise<Bus> {
  const { connect } = await import("../bus/client/connect.js");
  try {
    return await connect(url, logger === undefined ? {} : { logger });
  } catch (cause) {
    if (!isFedbusError(cause, "HUB_UNREACHABLE")) throw cause;
    throw new FedbusError("HUB_UNREACHABLE", `no hub is running at ${url}`, {
      details: cause.details,
      cause,
    });
  }
}

/**
 * Throws the error; if it is that a hub has the log in `dir` open, or listens where another is to,
 * with the hub's address.
 */
export async function throwNamingHub(error: unknown, dir: string): Promise<never> {
  const inUse = isFedbusError(error, "LOG_IN_USE") || isFedbusError(error, "ADDRESS_IN_USE");
  const hub = inUse ? await readHubFile(dir) : undefined;
  if (hub === undefined || !isFedbusError(error)) throw error;
  const remedy = `talk to the hub that has it open with --hub ${hub.url}, or end process ${hub.pid}`;
  throw new FedbusError(error.code, error.message, {
    details: { ...error.details, ...hub, remedy },
    cause: error,
  });
}

/** Runs `work` on the bus at `where`, and closes the bus whatever happens. */
export async function withBus<T>(
  where: Where,
  work: (target: Target) => Promise<T>,
  options: TargetOptions = {},
): Promise<T> {
  const target = await openTarget(where, options);
  try {
    return await work(target);
  } finally {
    await target.bus.close();
  }
}
