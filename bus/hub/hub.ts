import type { BrokerOptions } from "../broker/broker.js";
import { Broker } from "../broker/broker.js";
import { type Logger, silentLogger } from "../kernel/logger.js";
import type { EventLog } from "../log/event-log.js";
import { broadcastBeside, checkLoopback, defaultUrl } from "../wire/address.js";
import type { Router, XPublisher } from "../wire/sockets.js";
import { bind, openPublisher, openRouter } from "../wire/sockets.js";
import { Broadcaster } from "./broadcaster.js";
import { removeHubFile, writeHubFile } from "./hub-file.js";
import { Responder } from "./responder.js";
import { operationsOf } from "./service.js";

export interface HubOptions extends BrokerOptions {
  /** Where requests come in. Default `tcp://127.0.0.1:9950`; port 0 takes a free one. */
  readonly listen?: string;
  /** Where broadcasts go out. Default: one port above `listen`. */
  readonly broadcast?: string;
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
  readonly #router: Router;
  readonly #publisher: XPublisher;
  readonly #broadcaster: Broadcaster;
  readonly #dir: string | undefined;
  readonly #logger: Logger;
  readonly #loops: Promise<unknown>;
  #closed: Promise<void> | undefined;

  private constructor(
    broker: Broker,
    sockets: { router: Router; publisher: XPublisher; url: string; broadcast: string },
    options: HubOptions,
  ) {
    const { dir, logger = silentLogger } = options;
    const { router, publisher, url, broadcast } = sockets;
    this.broker = broker;
    this.url = url;
    this.#router = router;
    this.#publisher = publisher;
    this.#dir = dir;
    this.#logger = logger;
    this.#broadcaster = new Broadcaster(publisher, broker.log, logger);
    const operations = operationsOf(broker, { broadcast, dir });
    const responder = new Responder(router, broker, operations, { logger });
    const loops = [responder.run(), this.#broadcaster.run()];
    this.#loops = Promise.all(loops.map((loop) => loop.catch((error) => this.#fail(error))));
  }

  /**
   * Opens a hub over `log`. Fails with ADDRESS_INVALID, ADDRESS_REFUSED (off loopback) or
   * ADDRESS_IN_USE.
   */
  static async open(log: EventLog, options: HubOptions = {}): Promise<Hub> {
    const listen = options.listen ?? defaultUrl;
    checkLoopback(listen);
    const broadcastAt = options.broadcast ?? broadcastBeside(listen);
    checkLoopback(broadcastAt);
    const broker = await Broker.open(log, options);
    const router = openRouter();
    const publisher = openPublisher();
    let hub: Hub | undefined;
    try {
      const url = await bind(router, listen);
      const broadcast = await bind(publisher, broadcastAt);
      hub = new Hub(broker, { router, publisher, url, broadcast }, options);
      if (options.dir !== undefined) await writeHubFile(options.dir, { pid: process.pid, url });
      return hub;
    } catch (error) {
      await hub?.close();
      router.close();
      publisher.close();
      await broker.close();
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
    this.#router.close();
    this.#publisher.close();
    await this.#loops;
  }
}
