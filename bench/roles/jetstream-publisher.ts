import { jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { play } from "../harness/child.js";
import { envelopeOf } from "../harness/envelopes.js";
import { readingAt } from "../harness/events.js";
import { monotonicUs } from "../harness/monotonic.js";

/** Events not acknowledged yet. With the pull consumer faster than 500; more was not tried. */
const windowMax = 2000;

let connection: NatsConnection;

/**
 * The client's own `publish` makes a request object and a promise for each event, which is at
 * least three times slower. This one has a single inbox for all acknowledgements and counts them.
 */
function publishAll(count: number): Promise<void> {
  const inbox = `_INBOX.bench.${monotonicUs()}`;
  let sent = 0;
  let acked = 0;
  return new Promise((resolve, reject) => {
    const fill = (): void => {
      while (sent < count && sent - acked < windowMax) {
        const event = readingAt(sent++);
        connection.publish(event.topic, envelopeOf(event), { reply: inbox });
      }
    };
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error !== null || isRefusal(message)) {
          reject(error ?? new Error(message.string()));
          return;
        }
        acked++;
        if (acked === count) {
          subscription.unsubscribe();
          resolve();
        } else if (sent - acked <= windowMax / 2) fill();
      },
    });
    fill();
  });
}

/** An acknowledgement starts with `{"stream"`, a refusal with `{"error"`, and nobody with nothing. */
function isRefusal({ data }: Msg): boolean {
  return data[2] !== "s".charCodeAt(0);
}

const role = {
  /** Makes the stream: on disk, fsynced every two minutes, as the server does it by default. */
  open: async ({ port }: { port: number }) => {
    connection = await connect({ servers: `127.0.0.1:${port}` });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: "BENCH",
      subjects: ["org.example.bench.>"],
      storage: StorageType.File,
    });
  },

  clear: async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.purge("BENCH");
  },

  batches: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    await publishAll(count);
    return { startUs, endUs: monotonicUs() };
  },
};

export type JetStreamPublisher = typeof role;

play(role);
