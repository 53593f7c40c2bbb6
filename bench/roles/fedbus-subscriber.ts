import { connect, type Subscription } from "../../bus/index.js";
import { Arrivals } from "../harness/arrivals.js";
import { play } from "../harness/child.js";
import { ageUs, type Reading } from "../harness/events.js";

const arrivals = new Arrivals();
let ages: number[] | undefined;

async function readBatches(subscription: Subscription): Promise<void> {
  for await (const { events } of subscription.batches()) arrivals.add(events.length);
}

async function readSingly(subscription: Subscription): Promise<void> {
  for await (const event of subscription) {
    ages?.push(ageUs(event.msg as Reading));
    arrivals.add(1);
  }
}

const role = {
  /** Subscribes from now on; `singly` hands event by event to a handler that notes its age. */
  open: async ({ url, singly = false }: { url: string; singly?: boolean }) => {
    const bus = await connect(url);
    const subscription = bus.subscribe("org.example.bench.#");
    const reading = singly ? readSingly(subscription) : readBatches(subscription);
    reading.catch((error) => {
      console.error(error);
      process.exit(1);
    });
    await subscription.whenCaughtUp();
  },

  expect: ({ count }: { count: number }) => arrivals.expect(count),

  noteAges: () => {
    ages = [];
  },

  ages: () => ages ?? [],
};

export type FedbusSubscriber = typeof role;

play(role);
