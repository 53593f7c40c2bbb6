import { broadcastBeside, checkLoopback, defaultUrl } from "../wire/address.js";
import { bind, openPublisher, openRouter, type Router, type XPublisher } from "../wire/sockets.js";

export interface HubAddresses {
  /** Where requests come in. Default `tcp://127.0.0.1:9950`; port 0 takes a free one. */
  readonly listen?: string;
  /** Where broadcasts go out. Default: one port above `listen`. */
  readonly broadcast?: string;
}

/**
 * A hub's two sockets, bound. They can be had before its log is opened, or made: what comes in
 * meanwhile waits for the hub.
 */
export class HubSockets {
  readonly router: Router;
  readonly publisher: XPublisher;
  /** The addresses with the ports that were really taken. */
  readonly url: string;
  readonly broadcast: string;

  private constructor(router: Router, publisher: XPublisher, url: string, broadcast: string) {
    this.router = router;
    this.publisher = publisher;
    this.url = url;
    this.broadcast = broadcast;
  }

  /** Fails with ADDRESS_INVALID, ADDRESS_REFUSED (off loopback), ADDRESS_IN_USE or CONNECTION_LIMIT. */
  static async bind(addresses: HubAddresses = {}): Promise<HubSockets> {
    const { listen = defaultUrl } = addresses;
    checkLoopback(listen);
    const broadcastAt = addresses.broadcast ?? broadcastBeside(listen);
    checkLoopback(broadcastAt);
    const router = openRouter();
    let publisher: XPublisher | undefined;
    try {
      publisher = openPublisher();
      const url = await bind(router, listen);
      return new HubSockets(router, publisher, url, await bind(publisher, broadcastAt));
    } catch (error) {
      router.close();
      publisher?.close();
      throw error;
    }
  }

  close(): void {
    this.router.close();
    this.publisher.close();
  }
}
