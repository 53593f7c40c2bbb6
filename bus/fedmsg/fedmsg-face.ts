import { FedbusError } from "../../schemas/errors.js";
import type { Broker } from "../broker/broker.js";
import type { Publisher } from "../bus.js";
import { type Logger, silentLogger } from "../kernel/logger.js";
import { BusPublisher } from "../publisher/bus-publisher.js";
import { type FedmsgAddresses, FedmsgSockets } from "./fedmsg-sockets.js";
import { Inlet, type InletCounts } from "./inlet.js";
import { pendingBytesMax } from "./limits.js";
import { Outlet } from "./outlet.js";
import { RecentIds } from "./recent-ids.js";
import { ReplayServer } from "./replay-server.js";

/**
 * Three sockets by which fedmsg programs in any language join a bus unchanged: they subscribe to one, publish to
 * another, and ask the third for what they missed. Close it before the broker.
 */
export class FedmsgFace {
  readonly #sockets: FedmsgSockets;
  readonly #outlet: Outlet;
  readonly #inlet: Inlet;
  readonly #publisher: Publisher;
  readonly #logger: Logger;
  readonly #loops: Promise<unknown>;
  #closed: Promise<void> | undefined;

  private constructor(
    sockets: FedmsgSockets,
    broker: Broker,
    parts: { readonly ids: RecentIds; readonly logger: Logger },
  ) {
    const { ids, logger } = parts;
    this.#sockets = sockets;
    this.#logger = logger;
    this.#publisher = new BusPublisher(broker, { queueBytesMax: pendingBytesMax });
    this.#outlet = new Outlet(sockets.publisher, broker.log, ids, logger);
    this.#inlet = new Inlet(sockets.inbound, this.#publisher, ids, logger);
    const replay = new ReplayServer(sockets.replay, broker.log, logger);
    const loops = [this.#outlet, this.#inlet, replay].map((part) => part.run());
    this.#loops = Promise.all(loops.map((loop) => loop.catch((error) => this.#fail(error))));
  }

  /** Rejects with ADDRESS_INVALID, ADDRESS_REFUSED, ADDRESS_IN_USE or CONNECTION_LIMIT. */
  static async open(
    broker: Broker,
    options: FedmsgAddresses & { readonly logger?: Logger } = {},
  ): Promise<FedmsgFace> {
    const { logger, ...addresses } = options;
    return await FedmsgFace.over(await FedmsgSockets.bind(addresses), broker, logger);
  }

  /** On sockets that are bound already; if that fails, they are closed. */
  static async over(
    sockets: FedmsgSockets,
    broker: Broker,
    logger: Logger = silentLogger,
  ): Promise<FedmsgFace> {
    const ids = new RecentIds();
    try {
      await ids.prime(broker.log);
    } catch (error) {
      // Damage at the log's end: then duplicates are known from now on only.
      if (!(error instanceof FedbusError)) throw error;
      logger.warn({ error: String(error) }, "ids of earlier events cannot be read");
    }
    return new FedmsgFace(sockets, broker, { ids, logger });
  }

  get addresses(): Required<FedmsgAddresses> {
    return this.#sockets.addresses;
  }

  /** What became of what fedmsg programs sent. */
  get counts(): InletCounts {
    return this.#inlet.counts;
  }

  /** Stores what was taken, then closes the sockets. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #fail(error: unknown): void {
    if (this.#closed !== undefined) return;
    this.#logger.error({ error: String(error) }, "fedmsg programs cannot be served any more");
    this.close().catch(() => {});
  }

  async #close(): Promise<void> {
    this.#outlet.close();
    this.#sockets.close();
    await this.#publisher.close();
    await this.#loops;
  }
}
