import { type EventLog, Hub, type Logger } from "../../bus/index.js";
import { LevelLog } from "../../bus/log/level/level-log.js";
import { readSchemaFolder } from "../../schemas/index.js";
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
    const definitions = plan.schemas === undefined ? [] : await readSchemaFolder(plan.schemas);
    const log = await LevelLog.open(dir, { logger });
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
