import type { Bus } from "../../../bus/bus.js";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { freeUrl } from "../ports.js";

/** A client that does nothing wrong, and must not notice the others. */
export class Neighbour {
  published = 0;
  seen = 0;
  #stopped = false;
  readonly #bus: Bus;
  readonly #run: Promise<void>;

  constructor(bus: Bus) {
    this.#bus = bus;
    this.#run = this.#work();
  }

  /** Ends once everything published has been seen; rejects if anything went wrong. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#run;
    await this.#bus.close();
  }

  async #work(): Promise<void> {
    const publisher = this.#bus.publisher({ timeoutMs: 60_000 });
    const subscription = this.#bus.subscribe("neighbour", { from: "earliest" });
    const events = subscription[Symbol.asyncIterator]();
    while (!this.#stopped) {
      const offset = await publisher.publish("neighbour", this.published++);
      const { value } = await events.next();
      if (value.offset !== offset || value.msg !== this.seen++) throw new Error("out of step");
    }
  }
}

/** A hub, and a client of it that must not notice what is done to it. */
export async function setUp() {
  const url = await freeUrl();
  const log = new MemoryLog();
  const hub = await Hub.open(log, { listen: url });
  const neighbour = new Neighbour(await connect(url));
  return { url, log, hub, neighbour };
}
