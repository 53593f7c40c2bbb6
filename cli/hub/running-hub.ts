import {
  type EventLog,
  type FedmsgAddresses,
  FedmsgFace,
  FedmsgSockets,
  Hub,
  HubSockets,
  LevelLog,
  type Logger,
  readTrust,
} from "../../bus/index.js";
import { readSchemaFolder } from "../../schemas/index.js";
import { throwNamingHub } from "../bus-for.js";
import { unsignedWarning } from "../signing/unsigned-warning.js";
import type { HubPlan } from "./options.js";

/** A hub and its log. */
export class RunningHub implements AsyncDisposable {
  readonly #hub: Hub;
  readonly #log: EventLog;
  #face: FedmsgFace | undefined;
  /** What whoever runs it must not overlook. */
  readonly warning: string | undefined;

  private constructor(hub: Hub, log: EventLog, warning: string | undefined) {
    this.#hub = hub;
    this.#log = log;
    this.warning = warning;
  }

  get url(): string {
    return this.#hub.url;
  }

  /** Where fedmsg programs find it; undefined if they do not. */
  get fedmsg(): Required<FedmsgAddresses> | undefined {
    return this.#face?.addresses;
  }

  /** Opens the log, makes it if need be, registers the schemas and takes requests. */
  static async open(plan: HubPlan, logger: Logger): Promise<RunningHub> {
    const { dir, addresses, unknownTopics, rules } = plan;
    const definitions = plan.schemas === undefined ? [] : await readSchemaFolder(plan.schemas);
    const trust = plan.trust === undefined ? undefined : await readTrust(plan.trust);
    // What is refused for its address must not leave a new log behind.
    const sockets = await HubSockets.bind(addresses).catch((error) => throwNamingHub(error, dir));
    let fedmsg: FedmsgSockets | undefined;
    let log: LevelLog | undefined;
    try {
      if (plan.fedmsg !== undefined) fedmsg = await FedmsgSockets.bind(plan.fedmsg);
      log = await LevelLog.open(dir, { logger });
      const given = unknownTopics === undefined ? {} : { unknownTopics };
      const trusting = trust === undefined ? {} : { trust };
      const options = { dir, retention: rules, logger, ...given, ...trusting };
      const hub = await Hub.over(sockets, log, options);
      const running = new RunningHub(hub, log, unsignedWarning(trust?.unsigned));
      await running.#register(definitions);
      if (fedmsg !== undefined) running.#face = await FedmsgFace.over(fedmsg, hub.broker, logger);
      return running;
    } catch (error) {
      sockets.close();
      fedmsg?.close();
      await log?.close();
      return await throwNamingHub(error, dir);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#face?.close();
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
