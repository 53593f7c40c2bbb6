import type { BrokerOptions } from "../broker/broker.js";
import { Broker } from "../broker/broker.js";
import { type Logger, silentLogger } from "../kernel/logger.js";
import type { EventLog } from "../log/event-log.js";
import { Broadcaster } from "./broadcaster.js";
import { removeHubFile, writeHubFile } from "./hub-file.js";
import { type HubAddresses, HubSockets } from "./hub-sockets.js";
import { Responder } from "./responder.js";
import { operationsOf } from "./service.js";

export interface HubOptions extends BrokerOptions, HubAddresses {
  /** The log's directory, where the hub says that it runs. Default: it does not say. */
  readonly dir?: string;
}

/**
 * A broker on the network: the request socket and the broadcast socket over one log.
 * `close` ends the sockets and the broker; the log stays with whoever opened it.
 */
export class Hub {
  readonly broker: Broker;
  /** The address to `connect` to. */
  readonly url: string;
  readonly #sockets: HubSockets;
  readonly #broadcaster: Broadcaster;
  readonly #dir: string | undefined;
  readonly #logger: Logger;
  readonly #loops: Promise<unknown>;
  #closed: Promise<void> | undefined;

  private constructor(broker: Broker, sockets: HubSockets, options: HubOptions) {
    const { dir, logger = silentLogger } = options;
    const { router, publisher, url, broadcast } = sockets;
    this.broker = broker;
    this.url = url;
    this.#sockets = sockets;
    this.#dir = dir;
    this.#logger = logger;
    this.#broadcaster = new Broadcaster(publisher, broker.log, logger);
    const operations = operationsOf(broker, { broadcast, dir });
    const responder = new Responder(router, broker, operations, { logger });
    const loops = [responder.run(), this.#broadcaster.run()];
    this.#loops = Promise.all(loops.map((loop) => loop.catch((error) => this.#fail(error))));
  }

  /**
   * Opens a hub over `log`. Fails with ADDRESS_INVALID, ADDRESS_REFUSED (off loopback), ADDRESS_IN_USE
   * or CONNECTION_LIMIT.
   */
  static async open(log: EventLog, options: HubOptions = {}): Promise<Hub> {
    return await Hub.over(await HubSockets.bind(options), log, options);
  }

  /** Opens a hub over `log` on sockets that are bound already; if that fails, they are closed. */
  static async over(
    sockets: HubSockets,
    log: EventLog,
    options: BrokerOptions & { readonly dir?: string } = {},
  ): Promise<Hub> {
    const { dir } = options;
    let broker: Broker | undefined;
    let hub: Hub | undefined;
    try {
      broker = await Broker.open(log, options);
      hub = new Hub(broker, sockets, options);
      if (dir !== undefined) await writeHubFile(dir, { pid: process.pid, url: sockets.url });
      return hub;
    } catch (error) {
      await hub?.close();
      sockets.close();
      await broker?.close();
      throw error;
    }
  }

  /** Answers what was taken, then closes the sockets. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A hub that reads no more would look alive, and answer nobody. */
  #fail(error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#logger.error({ error }, "the hub cannot read its sockets any more: it closes");
    this.close().catch((error) => this.#logger.error({ error }, "closing the hub failed"));
  }

  async #close(): Promise<void> {
    try {
      if (this.#dir !== undefined) await removeHubFile(this.#dir, process.pid);
    } catch (error) {
      this.#logger.warn({ error }, "the hub's file stays behind; readers see that nobody is there");
    }
    await this.broker.close();
    this.#broadcaster.close();
    // The last answers leave in the turn after their commit; linger is 0.
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#sockets.close();
    await this.#loops;
  }
}
