import { join as path } from "node:path";
import t from "tap";
import {
  aggregate,
  type Consumer,
  ConsumerHome,
  count,
  deduplicate,
  enrich,
  join,
  joinTable,
  mean,
  pipe,
  rule,
  rules,
  session,
  to,
  transform,
  tumbling,
} from "../../consumers/index.js";
import { Replay, storedPlace, whatIf } from "../../replay/index.js";
import { below, patienceMs, seeded } from "../bus/seed.js";
import { eventsOn, memoryBus, start } from "../consumers/running.js";
import { contentsOf } from "./deposits.js";
import { scratch } from "./scratch.js";

t.setTimeout(patienceMs);

interface Reading {
  readonly key: string;
  readonly value: number;
  readonly at: number;
}

const key = ({ msg }: { readonly msg: unknown }) => (msg as Reading).key;
const watermark = {
  time: ({ msg }: { readonly msg: unknown }) => (msg as Reading).at,
  outOfOrderMs: 20,
  idleMs: 200,
};
const grouped = {
  topics: ["in.*"],
  key: "msg.key",
  time: "msg.at",
  outOfOrderMs: 20,
  accumulators: { n: count(), value: mean("msg.value") },
} as const;
let lookups = 0;

const kinds: readonly Consumer[] = [
  aggregate({ ...grouped, name: "tumbled", window: tumbling({ sizeMs: 50 }), output: "tumbled" }),
  aggregate({ ...grouped, name: "sessions", window: session({ gapMs: 4 }), output: "sessions" }),
  transform({
    name: "cleaned",
    topics: ["in.*"],
    handle: pipe(deduplicate({ by: "msg.value", withinMs: 30 }), to("cleaned")),
  }),
  rules({
    name: "ruled",
    topics: ["in.*"],
    key,
    rules: [
      rule.countWithin({ name: "often", when: "msg.value > 50", count: 3, withinMs: 40 }),
      rule.absent({ name: "silent", forMs: 30 }),
    ],
  }),
  join({
    name: "joined",
    left: { topics: ["in.0"], key },
    right: { topics: ["in.1"], key },
    within: { beforeMs: 20, afterMs: 20 },
    type: "outer",
    watermark,
    output: (left, right) => ({ topic: "joined", msg: [left ?? null, right ?? null] }),
  }),
  joinTable({
    name: "tabled",
    stream: { topics: ["in.0"], key },
    table: { topics: ["in.1"], key },
    output: (event, row) => ({ topic: "tabled", msg: [event, row ?? null] }),
  }),
  enrich({
    name: "enriched",
    topics: ["in.*"],
    key,
    ttlMs: 20,
    lookup: async (asked) => ({ asked, lookup: ++lookups }),
    output: ({ msg }, answer) => ({ topic: "enriched", msg: { ...(msg as Reading), answer } }),
  }),
];

for (const kind of kinds)
  t.test(`replay of ${kind.name}: as it ran live, twice, in other batch sizes`, async (t) => {
    const random = seeded(t);
    const bus = await memoryBus(t);
    const dir = scratch(t);
    const running = start(bus, kind, { dir });
    const publisher = bus.publisher();
    for (let round = 0; round < 12; round++) {
      await publisher.publishMany(
        Array.from({ length: 20 }, () => ({
          topic: `in.${below(random, 3)}`,
          msg: {
            key: `k${below(random, 6)}`,
            value: below(random, 100),
            at: Date.now() - below(random, 30),
          },
        })),
      );
      await new Promise((resolve) => setTimeout(resolve, below(random, 40)));
    }
    const events = (await bus.source.info()).head;
    await running.caughtUp();
    await running.stop();
    const asked = lookups;
    const home = new ConsumerHome(dir);
    const place = (await storedPlace({ name: kind.name, home }))!;
    const common = { source: bus.source, consumer: kind };
    // At the head, timers fire up to the present: the same one for all.
    const { time } = await bus.source.info();
    const range = { to: place.next, ...(time !== undefined && { time }) };
    const sizes = [{}, { commitEventsMax: 1 }, { commitEventsMax: 7, timersInMemoryMax: 3 }];
    const results = [];
    for (const limits of sizes) {
      await using replay = await Replay.open({
        ...common,
        limits,
        dir: scratch(t),
        ...range,
      });
      await replay.run();
      results.push(await contentsOf(replay.store));
    }
    const [first, ...others] = results;
    t.ok(first!.outputs.length > 2, `${first!.outputs.length} outputs of ${events} events`);
    for (const other of others) {
      t.strictSame(other.outputs, first!.outputs);
      t.same(other.hash, first!.hash);
    }
    const published = new Set(first!.outputs);
    const logged = (await eventsOn(bus, "#")).filter(({ topic }) => !topic.startsWith("in."));
    const missing = logged.filter(({ bytes }) => !published.has(bytes.toString()));
    t.same(missing, [], "what was published live comes out with the same bytes");
    const against = { name: kind.name, place };
    const report = await whatIf({ ...common, against, dir: path(scratch(t), "w") });
    t.match(report.totals, { added: 0, dropped: 0, changed: 0 });
    t.equal(lookups, asked, "nobody outside is asked again");
  });
