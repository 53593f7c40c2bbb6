import type { BrokerOptions } from "./broker/broker.js";
import { Broker } from "./broker/broker.js";
import type { Bus } from "./bus.js";
import type { EventLog } from "./log/event-log.js";
import type { LevelLogOptions } from "./log/level/level-log.js";
import { LevelLog } from "./log/level/level-log.js";
import { MemoryLog } from "./log/memory-log.js";
import { SourceBus } from "./source-bus.js";

export interface OpenBusOptions extends BrokerOptions {
  /** The log's directory. Default: a log in memory, gone with the process. */
  readonly dir?: string;
  /** How the log on disk is opened. */
  readonly log?: LevelLogOptions;
}

/**
 * A bus in this process: log, checks and subscribers, without sockets. Fails with LOG_IN_USE if
 * another process has the directory; connect to that one instead.
 */
export async function openBus(options: OpenBusOptions = {}): Promise<Bus> {
  const { dir, log: logOptions, ...brokerOptions } = options;
  const log = dir === undefined ? new MemoryLog() : await LevelLog.open(dir, logOptions);
  try {
    return busOver(log, await Broker.open(log, brokerOptions), dir);
  } catch (error) {
    await log.close();
    throw error;
  }
}

function busOver(log: EventLog, broker: Broker, dir: string | undefined): Bus {
  return new SourceBus({
    source: log,
    openPort: () => ({ port: broker, close: () => {} }),
    administration: {
      registerSchema: (schema) => broker.registerSchema(schema),
      schemas: async () => broker.schemas(),
      stats: async () => ({ ...(await broker.stats()), ...(dir === undefined ? {} : { dir }) }),
      trim: (trim) => broker.trim(trim),
    },
    close: async () => {
      await broker.close();
      await log.close();
    },
  });
}
