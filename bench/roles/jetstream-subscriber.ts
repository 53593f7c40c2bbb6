import { type ConsumerMessages, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Arrivals } from "../harness/arrivals.js";
import { play } from "../harness/child.js";

const arrivals = new Arrivals();

async function read(messages: ConsumerMessages): Promise<void> {
  for await (const message of messages) {
    JSON.parse(message.string());
    arrivals.add(1);
  }
}

const role = {
  open: async ({ port }: { port: number }) => {
    const connection = await connect({ servers: `127.0.0.1:${port}` });
    const consumer = await jetstream(connection).consumers.get("BENCH");
    read(await consumer.consume({ max_messages: 1000 })).catch((error) => {
      console.error(error);
      process.exit(1);
    });
  },

  expect: ({ count }: { count: number }) => arrivals.expect(count),
};

export type JetStreamSubscriber = typeof role;

play(role);
