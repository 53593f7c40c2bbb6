import type { Test } from "tap";
import { Request, Subscriber, Publisher as ZmqPublisher } from "zeromq";
import { Broker } from "../../../bus/broker/broker.js";
import type { Publisher } from "../../../bus/bus.js";
import { FedmsgFace } from "../../../bus/fedmsg/fedmsg-face.js";
import type { Logger } from "../../../bus/kernel/logger.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import type { Trust } from "../../../bus/signing/trust.js";
import { until } from "../turns.js";

/** A bus that fedmsg programs have joined, and the sockets of such programs. */
export interface Joined {
  readonly log: MemoryLog;
  readonly broker: Broker;
  readonly face: FedmsgFace;
  /** Publishes natively. */
  readonly publisher: Publisher;
  /** What the hub's logger was told. */
  readonly warnings: string[];
  subscribe(...prefixes: readonly string[]): Promise<Subscriber>;
  /** A PUB, connected to the inbound socket. */
  send(...messages: readonly (readonly (string | Buffer)[])[]): Promise<ZmqPublisher>;
  /** One query, and its reply's frames. */
  ask(...query: readonly (string | object)[]): Promise<string[]>;
}

const anyPort = "tcp://127.0.0.1:0";
const anyPorts = { publish: anyPort, inbound: anyPort, replay: anyPort };

export async function join(t: Test, log = new MemoryLog(), trust?: Trust): Promise<Joined> {
  const broker = await Broker.open(log, trust === undefined ? {} : { trust });
  const warnings: string[] = [];
  const warn = (_: object, message: string): void => void warnings.push(message);
  const logger: Logger = { debug: () => {}, info: () => {}, warn, error: warn };
  const face = await FedmsgFace.open(broker, { ...anyPorts, logger });
  const publisher = new BusPublisher(broker);
  const sockets: { close(): void }[] = [];
  t.teardown(async () => {
    for (const socket of sockets) socket.close();
    await publisher.close();
    await face.close();
    await broker.close();
  });
  return {
    ...{ log, broker, face, publisher, warnings },
    async subscribe(...prefixes) {
      const socket = new Subscriber({ linger: 0, receiveTimeout: 20_000 });
      sockets.push(socket);
      socket.connect(face.addresses.publish);
      socket.subscribe(...prefixes);
      await untilHeard(socket, publisher, prefixes[0] ?? "");
      return socket;
    },
    async send(...messages) {
      const socket = new ZmqPublisher({ linger: 0 });
      sockets.push(socket);
      socket.connect(face.addresses.inbound);
      await untilTaken(socket, face);
      for (const message of messages) await socket.send([...message]);
      return socket;
    },
    async ask(...query) {
      const socket = new Request({ linger: 0, receiveTimeout: 20_000 });
      sockets.push(socket);
      socket.connect(face.addresses.replay);
      await socket.send(
        query.map((part) => (typeof part === "string" ? part : JSON.stringify(part))),
      );
      return (await socket.receive()).map(String);
    },
  };
}

/** A subscription takes a moment to arrive: publishes until one of these events comes back, and no more are left. */
async function untilHeard(socket: Subscriber, publisher: Publisher, prefix: string): Promise<void> {
  const topic = `${prefix || "probe."}probe`;
  let last = "";
  let heard = "";
  const reading = (async () => {
    for (;;) {
      const [, body] = await socket.receive();
      heard = String((JSON.parse(String(body)) as { msg: unknown }).msg);
      if (heard === last) return;
    }
  })();
  for (let count = 0; heard === ""; count++) {
    last = String(count);
    await publisher.publish(topic, last);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await reading;
}

/** Sends what is no message until one has arrived. */
async function untilTaken(socket: ZmqPublisher, face: FedmsgFace): Promise<void> {
  const before = face.counts.malformed;
  await until(async () => {
    await socket.send("probe");
    return face.counts.malformed > before;
  });
}
