import { type Bus, connect, openBus, readHubFile } from "../bus/index.js";
import type { Where } from "./config.js";

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
}

/**
 * The bus at `where`: the named hub, else the hub that runs on the directory, else the directory
 * itself. Rejects with LOG_NOT_FOUND, HUB_UNREACHABLE or LOG_IN_USE.
 */
export async function openTarget(where: Where, options: TargetOptions = {}): Promise<Target> {
  if (where.hub !== undefined)
    return { bus: await connect(where.hub), live: true, place: where.hub };
  const hub = await readHubFile(where.dir);
  if (hub !== undefined) return { bus: await connect(hub.url), live: true, place: hub.url };
  const log = { create: options.create === true };
  return { bus: await openBus({ dir: where.dir, log }), live: false, place: where.dir };
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
