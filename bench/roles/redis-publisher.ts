import { Redis } from "ioredis";
import { play } from "../harness/child.js";
import { envelopeOf } from "../harness/envelopes.js";
import { readingAt, readingsFrom } from "../harness/events.js";
import { monotonicUs } from "../harness/monotonic.js";
import { paced } from "../harness/pacing.js";
import { inWindow } from "../harness/window.js";

let redis: Redis;

async function addMany(start: number, count: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (const event of readingsFrom(start, count))
    pipeline.xadd("events", "*", "event", envelopeOf(event));
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
}

const role = {
  open: async ({ port }: { port: number }) => {
    redis = new Redis(port, "127.0.0.1");
    await redis.ping();
  },

  /** Empties the stream, so that the server's memory does not grow from round to round. */
  clear: async () => {
    await redis.del("events");
  },

  batches: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    await inWindow({ count, size: 1000, width: 8 }, addMany);
    return { startUs, endUs: monotonicUs() };
  },

  paced: async (work: { perSecond: number; count: number }) => {
    const answers: Promise<unknown>[] = [];
    await paced(work, (index) => {
      const event = envelopeOf(readingAt(index, monotonicUs()));
      answers.push(redis.xadd("events", "*", "event", event));
    });
    await Promise.all(answers);
  },
};

export type RedisPublisher = typeof role;

play(role);
