import { join } from "node:path";
import type { Test } from "tap";
import { openBus } from "../../bus/index.js";
import { ConsumerHome, entriesOf, loadPlugin, StateStore } from "../../consumers/index.js";
import type { Envelope } from "../../schemas/index.js";
import { eventsOn, start } from "../consumers/running.js";
import type { Example, Outcome } from "./outcome.js";

/** Runs an example's plugins in this process, one after the other. */
export async function withBus(
  t: Test,
  { dir, plugins }: Example,
  input: readonly Envelope[],
): Promise<Outcome> {
  const home = t.testdir();
  const bus = await openBus();
  t.teardown(() => bus.close());
  const publisher = bus.publisher();
  for (let from = 0; from < input.length; from += 100)
    await publisher.publishEnvelopes(
      input.slice(from, from + 100).map((envelope) => Buffer.from(JSON.stringify(envelope))),
    );
  for (const plugin of plugins) {
    const { consumer } = await loadPlugin(plugin, { from: dir });
    const running = start(bus, consumer, { dir: join(home, consumer.name) });
    await running.caughtUp();
    await running.stop();
  }
  const events = await eventsOn(bus, "#");
  return {
    input,
    bodies: <Body>(topic: string) =>
      events.filter((event) => event.topic === topic).map(({ msg }) => msg as Body),
    table: (consumer, table) => tableOf(join(home, consumer), table),
  };
}

async function tableOf<Value>(dir: string, wanted = "state"): Promise<Map<string, Value>> {
  const home = new ConsumerHome(dir);
  const current = await home.current();
  const store = await StateStore.open(home.storeDir(current!, 0));
  const found = new Map<string, Value>();
  for await (const { table, key, value } of entriesOf(store))
    if (table === wanted) found.set(key, value as Value);
  await store.close();
  return found;
}
