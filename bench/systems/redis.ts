import { mkdir } from "node:fs/promises";
import { type Child, startRole } from "../harness/child.js";
import type { RedisPublisher } from "../roles/redis-publisher.js";
import type { RedisSubscriber } from "../roles/redis-subscriber.js";
import { startServer } from "./server.js";
import type { System } from "./system.js";

export interface RedisSystem extends System {
  readonly publisher: Child<RedisPublisher>;
  readonly subscriber: Child<RedisSubscriber>;
}

/**
 * Redis Streams that answer after fsync, as fedbus does, and whose log is never rewritten meanwhile.
 * Undefined where Redis is not installed.
 */
export async function startRedis(dir: string): Promise<RedisSystem | undefined> {
  await mkdir(dir);
  const server = await startServer("redis-server", (port) => [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
    ...["--appendonly", "yes", "--appendfsync", "always"],
    ...["--save", "", "--auto-aof-rewrite-percentage", "0"],
  ]);
  if (server === undefined) return undefined;
  const { port, pid } = server;
  const publisher = startRole<RedisPublisher>("redis-publisher");
  const subscriber = startRole<RedisSubscriber>("redis-subscriber");
  await Promise.all([publisher.call("open", { port }), subscriber.call("open", { port })]);
  return {
    name: "Redis Streams",
    publisher,
    subscriber,
    pids: { publisher: publisher.pid, server: pid, subscriber: subscriber.pid },
    clear: () => publisher.call("clear"),
    [Symbol.asyncDispose]: async () => {
      for (const child of [subscriber, publisher]) await child.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
