import t from "tap";
import { type Delivery, type Destination, sink } from "../../../consumers/index.js";
import { FedbusError } from "../../../schemas/index.js";
import { eventsOn, memoryBus, start } from "../running.js";
import { range } from "./file/contents.js";

/** Is away until `isThere`. */
class Away implements Destination {
  isThere = false;
  tries = 0;
  readonly taken: number[] = [];

  async deliver(batch: readonly Delivery[]): Promise<void> {
    this.tries++;
    if (!this.isThere) throw new FedbusError("DELIVERY_FAILED", "it is away");
    this.taken.push(...batch.map(({ offset }) => offset));
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

for (const [onFailure, events] of [
  ["dead-letter", 1],
  ["halt", 3],
] as const)
  t.test(`sink: stops while its destination is away are no attempts (${onFailure})`, async (t) => {
    const bus = await memoryBus(t);
    await using publisher = bus.publisher();
    await publisher.publishMany(range(0, events).map((n) => ({ topic: "in", msg: { n } })));
    const to = new Away();
    const hook = sink({ name: "hook", topics: ["in"], to, onFailure, attemptsMax: 2 });
    const dir = t.testdir();
    for (let life = 0; life < 2; life++) {
      const before = to.tries;
      const running = start(bus, hook, { dir });
      while (to.tries === before) await new Promise((resolve) => setTimeout(resolve, 5));
      await running.stop();
    }
    to.isThere = true;
    const running = start(bus, hook, { dir });
    await running.caughtUp();
    await running.stop();
    t.strictSame(to.taken, range(0, events));
    t.strictSame(await eventsOn(bus, "consumers.#"), []);
  });
