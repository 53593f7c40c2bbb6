import { mkdir } from "node:fs/promises";
import { startRole } from "../harness/child.js";
import type { JetStreamPublisher } from "../roles/jetstream-publisher.js";
import type { JetStreamSubscriber } from "../roles/jetstream-subscriber.js";
import { startServer } from "./server.js";
import type { System } from "./system.js";

/**
 * NATS JetStream as it is by default: it acknowledges long before fsync. Undefined where the NATS
 * server is not installed.
 */
export async function startJetStream(dir: string): Promise<System | undefined> {
  await mkdir(dir);
  const server = await startServer("nats-server", (port) => [
    ...["--addr", "127.0.0.1", "--port", String(port)],
    ...["--jetstream", "--store_dir", dir],
  ]);
  if (server === undefined) return undefined;
  const { port, pid } = server;
  const publisher = startRole<JetStreamPublisher>("jetstream-publisher");
  const subscriber = startRole<JetStreamSubscriber>("jetstream-subscriber");
  await publisher.call("open", { port });
  await subscriber.call("open", { port });
  return {
    name: "JetStream",
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
