import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { loops, patienceMs } from "../seed.js";
import { SteeredLog } from "../steered-log.js";
import { until } from "../turns.js";
import { Collector } from "./collector.js";

const topics = Array.from({ length: 5_000 }, (_, n) => `t.n${n}`);
const events = topics.map((topic, msg) => ({ topic, msg }));

async function openHub() {
  const hub = await Hub.open(new SteeredLog(), { listen: "tcp://127.0.0.1:0" });
  // Thousands of subscriptions greet the hub at once, a few at a time.
  const bus = await connect(hub.url, { timeoutMs: patienceMs });
  const close = async (): Promise<void> => {
    await bus.close();
    await hub.close();
  };
  return { bus, close };
}

t.test("many topics: sets of a thousand each deliver all, a larger set is refused", async (t) => {
  const { bus, close } = await openHub();
  t.throws(() => bus.subscribe(topics), { code: "PATTERN_INVALID" });
  const sets = Array.from({ length: 5 }, (_, at) => topics.slice(at * 1_000, (at + 1) * 1_000));
  const collectors = sets.map((set) => new Collector(bus, set));
  await Promise.all(collectors.map((collector) => collector.subscription.whenCaughtUp()));
  await bus.publisher().publishMany(events);
  await Promise.all(collectors.map((collector, at) => collector.reached((at + 1) * 1_000)));
  const delivered = collectors.flatMap((collector) => collector.offsets);
  t.same(
    delivered,
    topics.map((_, offset) => offset),
  );
  t.comment(`${delivered.length} of ${topics.length} topics delivered by 5 subscriptions`);
  await close();
});

t.test("many topics: a subscription for each works, or fails aloud", async (t) => {
  const { bus, close } = await openHub();
  const publisher = bus.publisher();
  await publisher.publish("before", 0);
  const refusals: unknown[] = [];
  let started = 0;
  const some = topics.slice(0, loops("FEDBUS_SUBSCRIPTIONS", 1_500));
  const collectors = some.map((topic) => new Collector(bus, topic));
  for (const { subscription } of collectors)
    subscription.whenCaughtUp().then(
      () => started++,
      (error) => refusals.push(error),
    );
  await until(() => started + refusals.length === some.length);
  const wrong = refusals.filter((error) => !isFedbusError(error, "CONNECTION_LIMIT"));
  t.same(wrong, [], "every refusal has its code");
  const messages = new Set(refusals.map((error) => (error as Error).message));
  t.same(
    [...messages].sort(),
    [
      "the hub serves 1000 distinct pattern sets, and takes no more",
      "this process can open no more sockets",
    ],
    "both limits were met",
  );
  await publisher.publishMany(events);
  await until(() => collectors.filter(({ offsets }) => offsets.length === 1).length === started);
  t.equal(started, 1_000, "as many as a hub serves");
  t.comment(
    `${some.length} subscriptions: ${started} delivered, ${refusals.length} refused, 0 silent`,
  );
  await close();
});

t.test("many topics: a publisher without a socket fails with the reason", async (t) => {
  const { bus, close } = await openHub();
  const publishers: unknown[] = [];
  t.throws(
    () => {
      while (publishers.length < 2_000) publishers.push(bus.publisher());
    },
    { code: "CONNECTION_LIMIT" },
  );
  t.ok(publishers.length > 100, "each takes three sockets");
  await close();
});
