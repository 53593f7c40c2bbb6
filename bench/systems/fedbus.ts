import { type Child, cpuProfile, startRole } from "../harness/child.js";
import type { FedbusHub } from "../roles/fedbus-hub.js";
import type { FedbusPublisher } from "../roles/fedbus-publisher.js";
import type { FedbusSubscriber } from "../roles/fedbus-subscriber.js";
import type { System } from "./system.js";

export interface FedbusOptions {
  /** Folder for CPU profiles of the three processes. */
  readonly profile?: string | undefined;
  /** The subscriber handles event by event, and notes how old each is. */
  readonly singly?: boolean;
}

export interface FedbusSystem extends System {
  readonly hub: Child<FedbusHub>;
  readonly publisher: Child<FedbusPublisher>;
  readonly subscriber: Child<FedbusSubscriber>;
  readonly url: string;
}

/** Hub, publisher and subscriber in three processes, the log in `dir`. */
export async function startFedbus(dir: string, options: FedbusOptions = {}): Promise<FedbusSystem> {
  const { profile, singly = false } = options;
  const hub = startRole<FedbusHub>("fedbus-hub", cpuProfile(profile, "hub"));
  const publisher = startRole<FedbusPublisher>(
    "fedbus-publisher",
    cpuProfile(profile, "publisher"),
  );
  const subscriber = startRole<FedbusSubscriber>(
    "fedbus-subscriber",
    cpuProfile(profile, "subscriber"),
  );
  const { url } = await hub.call("open", { dir });
  await Promise.all([publisher.call("open", { url }), subscriber.call("open", { url, singly })]);
  return {
    name: "fedbus",
    hub,
    publisher,
    subscriber,
    url,
    pids: { publisher: publisher.pid, hub: hub.pid, subscriber: subscriber.pid },
    clear: async () => {},
    [Symbol.asyncDispose]: async () => {
      for (const child of [subscriber, publisher, hub]) await child.end();
    },
  };
}
