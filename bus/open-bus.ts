import { Broker } from "./broker/broker.js";
import type { Bus } from "./bus.js";
import type { HubOptions } from "./hub/hub.js";
import { Hub } from "./hub/hub.js";
import { HubSockets } from "./hub/hub-sockets.js";
import { checkOptions } from "./kernel/options.js";
import type { EventLog } from "./log/event-log.js";
import { LevelLog } from "./log/level/level-log.js";
import type { LevelLogOptions } from "./log/level/level-options.js";
import { MemoryLog } from "./log/memory-log.js";
import { SourceBus } from "./source-bus.js";

export interface OpenBusOptions extends HubOptions {
  /** The log's directory. Default: a log in memory, gone with the process. */
  readonly dir?: string;
  /** How the log on disk is opened. */
  readonly log?: LevelLogOptions;
  /** Also lets other processes `connect` here, such as `tcp://127.0.0.1:9950`. Default: no sockets. */
  readonly listen?: string;
}

const known = {
  dir: "other",
  log: "other",
  listen: "other",
  broadcast: "other",
  unknownTopics: "other",
  limits: "other",
  topicsMax: "count",
  retention: "other",
  trust: "other",
  pendingBytesMax: "count",
  commitBytesMax: "count",
  clock: "other",
  logger: "other",
} as const satisfies Record<keyof OpenBusOptions, "count" | "other">;

/**
 * A bus in this process: log, checks and subscribers; no sockets unless `listen` is given. Rejects
 * with LOG_IN_USE if another process has the directory (connect to that one instead), and with
 * what opening a log or a hub rejects with.
 */
export async function openBus(options: OpenBusOptions = {}): Promise<Bus> {
  checkOptions("openBus", options, known);
  const { dir, log: logOptions, listen, ...rest } = options;
  const { broadcast, ...brokerOptions } = rest;
  // The addresses come first: a log must not be made for a hub that cannot be.
  const sockets =
    listen === undefined
      ? undefined
      : await HubSockets.bind({ listen, ...(broadcast !== undefined && { broadcast }) });
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  let log: EventLog | undefined;
  try {
    log =
      dir === undefined
        ? new MemoryLog(clock)
        : await LevelLog.open(dir, { ...clock, ...logOptions });
    const at = dir === undefined ? {} : { dir };
    if (sockets === undefined) {
      const broker = await Broker.open(log, brokerOptions);
      return busOver(log, broker, at, () => broker.close());
    }
    const hub = await Hub.over(sockets, log, { ...brokerOptions, ...at });
    return busOver(log, hub.broker, at, () => hub.close());
  } catch (error) {
    sockets?.close();
    await log?.close();
    throw error;
  }
}

function busOver(
  log: EventLog,
  broker: Broker,
  at: { readonly dir?: string },
  close: () => Promise<void>,
): Bus {
  return new SourceBus({
    source: log,
    openPort: () => ({ port: broker, close: () => {} }),
    administration: {
      registerSchema: (schema) => broker.registerSchema(schema),
      schemas: async () => broker.schemas(),
      stats: async () => ({ ...(await broker.stats()), ...at }),
      trim: (trim) => broker.trim(trim),
      planTrim: (trim) => broker.planTrim(trim),
    },
    close: async () => {
      await close();
      await log.close();
    },
  });
}
