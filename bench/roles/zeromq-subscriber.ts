import { Subscriber } from "zeromq";
import { Arrivals } from "../harness/arrivals.js";
import { play } from "../harness/child.js";

const arrivals = new Arrivals();
const socket = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });

async function read(greeted: () => void): Promise<void> {
  for await (const [, payload] of socket) {
    if (payload === undefined) greeted();
    else arrivals.add((JSON.parse(payload.toString("utf8")) as unknown[]).length);
  }
}

const role = {
  /** Resolves once it has been greeted. */
  open: ({ url }: { url: string }) =>
    new Promise<void>((resolve) => {
      socket.connect(url);
      socket.subscribe("bench");
      void read(resolve);
    }),

  expect: ({ count }: { count: number }) => arrivals.expect(count),
};

export type ZeromqSubscriber = typeof role;

play(role);
