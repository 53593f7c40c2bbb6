import { type EventLog, Hub, LevelLog, type Logger } from "../../bus/index.js";
import { checkLoopback } from "../../bus/wire/address.js";
import { readSchemaFolder } from "../../schemas/index.js";
import { throwNamingHub } from "../bus-for.js";
import type { HubPlan } from "./options.js";

/** A hub and its log. */
export class RunningHub implements AsyncDisposable {
  readonly #hub: Hub;
  readonly #log: EventLog;

  private constructor(hub: Hub, log: EventLog) {
    this.#hub = hub;
    this.#log = log;
  }

  get url(): string {
    return this.#hub.url;
  }

  /** Opens the log, makes it if need be, registers the schemas and takes requests. */
  static async open(plan: HubPlan, logger: Logger): Promise<RunningHub> {
    const { dir, listen, broadcast, unknownTopics, rules } = plan;
    // What is refused for its address must not leave a new log behind.
    for (const address of [listen, broadcast]) if (address !== undefined) checkLoopback(address);
    const definitions = plan.schemas === undefined ? [] : await readSchemaFolder(plan.schemas);
    const log = await LevelLog.open(dir, { logger }).catch((error) => throwNamingHub(error, dir));
    try {
      const hub = await Hub.open(log, {
        dir,
        unknownTopics,
        retention: rules,
        logger,
        ...(listen === undefined ? {} : { listen }),
        ...(broadcast === undefined ? {} : { broadcast }),
      });
      const running = new RunningHub(hub, log);
      await running.#register(definitions);
      return running;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hub.close();
    await this.#log.close();
  }

  /** A schema that cannot be registered ends the hub: it would take events unchecked. */
  async #register(definitions: Awaited<ReturnType<typeof readSchemaFolder>>): Promise<void> {
    try {
      for (const definition of definitions) await this.#hub.broker.registerSchema(definition);
    } catch (error) {
      await this.#hub.close();
      throw error;
    }
  }
}
