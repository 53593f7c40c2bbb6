import { Broker } from "../../../bus/broker/broker.js";
import type { PublisherOptions } from "../../../bus/bus.js";
import { eventsOf } from "../../../bus/event.js";
import type { EventLog } from "../../../bus/log/event-log.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { SteeredLog } from "../steered-log.js";
import { SteeredPort } from "./steered-port.js";

/** A publisher on a port that the test steers, and the broker behind it. */
export async function setUp(
  options: PublisherOptions = {},
  opening = (): Promise<void> | void => {},
) {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const port = new SteeredPort(broker);
  port.opening = opening;
  const publisher = new BusPublisher(port, options);
  return { log, broker, port, publisher };
}

/** The bodies of every event in the log. */
export async function bodiesIn(log: EventLog): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (let from = 0; from < log.head; ) {
    const page = await log.read({ from });
    for (const block of page.blocks) bodies.push(...eventsOf(block).map((event) => event.msg));
    from = page.next;
  }
  return bodies;
}
