import { Redis } from "ioredis";
import type { Envelope } from "../../schemas/index.js";
import { Arrivals } from "../harness/arrivals.js";
import { play } from "../harness/child.js";
import { ageUs, type Reading } from "../harness/events.js";

const arrivals = new Arrivals();
let ages: number[] | undefined;

async function read(redis: Redis): Promise<void> {
  for (let last = "0-0"; ; ) {
    const reply = await redis.xread("COUNT", 1000, "BLOCK", 1000, "STREAMS", "events", last);
    const entries = reply?.[0]?.[1] ?? [];
    for (const [id, [, text]] of entries) {
      const { msg } = JSON.parse(text!) as Envelope;
      ages?.push(ageUs(msg as Reading));
      last = id;
    }
    arrivals.add(entries.length);
  }
}

const role = {
  open: async ({ port }: { port: number }) => {
    const redis = new Redis(port, "127.0.0.1");
    await redis.ping();
    read(redis).catch((error) => {
      console.error(error);
      process.exit(1);
    });
  },

  expect: ({ count }: { count: number }) => arrivals.expect(count),

  noteAges: () => {
    ages = [];
  },

  ages: () => ages ?? [],
};

export type RedisSubscriber = typeof role;

play(role);
