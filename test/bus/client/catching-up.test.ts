import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { openBus } from "../../../bus/open-bus.js";
import { freeUrl, portOf } from "../ports.js";

/** A free address that is neither `listen` nor where its hub would broadcast by itself. */
async function elsewhere(listen: string): Promise<string> {
  for (;;) {
    const url = await freeUrl();
    if (Math.abs(portOf(url) - portOf(listen)) > 1) return url;
  }
}

t.test("subscriber: catches up over a restart of its hub", async (t) => {
  const dir = t.testdir();
  const at = { listen: await freeUrl() };
  const events = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ topic: "a.b", msg: from + index }));
  let hub = await openBus({ dir, ...at });
  const fill = hub.publisher({ batchEventsMax: 50, batchBytesMax: 200_000 });
  const padding = "x".repeat(2000);
  for (let n = 0; n < 2000; n += 50)
    await fill.publishMany(events(n, 50).map((event) => ({ ...event, headers: { padding } })));

  const bus = await connect(at.listen);
  const seen: unknown[] = [];
  let restarted = false;
  for await (const batch of bus.subscribe("a.#", { from: "earliest" }).batches()) {
    seen.push(...batch.events.map((event) => event.msg));
    if (!restarted) {
      t.ok(seen.length < 2000, "it is still catching up");
      await hub.close();
      hub = await openBus({ dir, ...at });
      await hub.publisher().publishMany(events(2000, 100));
      restarted = true;
    }
    if (seen.length === 2100) await hub.publisher().publishMany(events(2100, 1));
    if (seen.length > 2100) break;
  }
  t.same(
    seen,
    Array.from({ length: 2101 }, (_, n) => n),
  );
  await bus.close();
  await hub.close();
});

t.test("subscriber: finds a hub that came back broadcasting elsewhere", async (t) => {
  const log = { dir: t.testdir() };
  const listen = await freeUrl();
  let hub = await openBus({ ...log, listen });
  const bus = await connect(listen);
  const subscription = bus.subscribe("a.#");
  const got = (async () => {
    for await (const event of subscription) return event.msg;
    return undefined;
  })();
  await subscription.whenCaughtUp();
  await hub.close();
  const broadcast = await elsewhere(listen);
  hub = await openBus({ ...log, listen, broadcast });
  await hub.publisher().publish("a.b", "found");
  t.equal(await got, "found");
  await bus.close();
  await hub.close();
});
