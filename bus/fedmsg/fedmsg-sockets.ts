import { checkOptions } from "../kernel/options.js";
import { checkLoopback } from "../wire/address.js";
import {
  bind,
  openFedmsgInbound,
  openFedmsgPublisher,
  openFedmsgReplay,
  type Router,
  type Subscriber,
  type XPublisher,
} from "../wire/sockets.js";

/** Where fedmsg programs find the bus. Loopback only; port 0 takes a free one. */
export interface FedmsgAddresses {
  /** Where they subscribe: an endpoint of theirs. Default `tcp://127.0.0.1:9940`. */
  readonly publish?: string;
  /** Where they publish: their `relay_inbound`. Default `tcp://127.0.0.1:2003`. */
  readonly inbound?: string;
  /** Where they ask for what they missed: one of their `replay_endpoints`. Default `tcp://127.0.0.1:9941`. */
  readonly replay?: string;
}

export const fedmsgDefaults: Required<FedmsgAddresses> = Object.freeze({
  publish: "tcp://127.0.0.1:9940",
  inbound: "tcp://127.0.0.1:2003",
  replay: "tcp://127.0.0.1:9941",
});

const known = { publish: "other", inbound: "other", replay: "other" } as const;

/** The three sockets, bound, with the addresses that were really taken. */
export class FedmsgSockets {
  readonly addresses: Required<FedmsgAddresses>;
  readonly publisher: XPublisher;
  readonly inbound: Subscriber;
  readonly replay: Router;

  private constructor(
    addresses: Required<FedmsgAddresses>,
    publisher: XPublisher,
    inbound: Subscriber,
    replay: Router,
  ) {
    this.addresses = addresses;
    this.publisher = publisher;
    this.inbound = inbound;
    this.replay = replay;
  }

  /**
   * Fails with OPTIONS_INVALID, ADDRESS_INVALID, ADDRESS_REFUSED (off loopback), ADDRESS_IN_USE or
   * CONNECTION_LIMIT.
   */
  static async bind(addresses: FedmsgAddresses = {}): Promise<FedmsgSockets> {
    checkOptions("fedmsg", addresses, known);
    const wanted = { ...fedmsgDefaults, ...addresses };
    for (const address of Object.values(wanted)) checkLoopback(address);
    const opened: { close(): void }[] = [];
    const open = <S extends { close(): void }>(socket: S): S => {
      opened.push(socket);
      return socket;
    };
    try {
      const publisher = open(openFedmsgPublisher());
      const inbound = open(openFedmsgInbound());
      const replay = open(openFedmsgReplay());
      const taken = {
        publish: await bind(publisher, wanted.publish),
        inbound: await bind(inbound, wanted.inbound),
        replay: await bind(replay, wanted.replay),
      };
      return new FedmsgSockets(taken, publisher, inbound, replay);
    } catch (error) {
      for (const socket of opened) socket.close();
      throw error;
    }
  }

  close(): void {
    this.publisher.close();
    this.inbound.close();
    this.replay.close();
  }
}
