import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { consumer, lookupTopic, RecordedLookups } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { eventsOn, start } from "../running.js";

t.setTimeout(patienceMs);

/** Answers something else each time, some slowly, some not at all. */
function service() {
  let calls = 0;
  return {
    calls: () => calls,
    lookup: async (key: string) => {
      const call = ++calls;
      await new Promise((resolve) => setTimeout(resolve, (call * 7) % 4));
      if (call % 4 === 0) throw new Error(`call ${call}`);
      return { key, call };
    },
  };
}

interface Body {
  readonly account: string;
  readonly city: string;
}

/** Asks two services in a handler, side by side, and one in timers; its key is not what it asks for. */
function asker(lookup: (key: string) => Promise<unknown>, ttlMs: number) {
  const kept = { lookup, ttlMs, failureTtlMs: ttlMs >> 1, cacheEntriesMax: 64 };
  return consumer({
    name: "asker",
    topics: ["in", "end"],
    key: (event) => (event.msg as Body).account,
    lookups: { weather: kept, rate: { ...kept, ttlMs: 0 } },
    prefetch(event, { lookup: ask }) {
      if (event.topic === "in") void ask("weather", (event.msg as Body).city);
    },
    async handle(event, { lookup: ask, emit, timers, now }) {
      const { account, city } = event.msg as Body;
      if (event.topic === "end") return;
      const found = await Promise.allSettled([
        ask("rate", account),
        ask("weather", city),
        ask("weather", account),
      ]);
      timers.set("log", now() + 5, account);
      emit("out", found.map(said));
    },
    async timer({ key }, { lookup: ask, emit }) {
      const [found] = await Promise.allSettled([ask("rate", key)]);
      emit("out", { key, found: said(found!) });
    },
  });
}

function said(found: PromiseSettledResult<unknown>): unknown {
  return found.status === "fulfilled" ? found.value : (found.reason as Error).message;
}

t.test("lookup: a replay gives the live run's bytes, without asking, over crashes", async (t) => {
  const events = fc.array(
    fc.record({
      account: fc.constantFrom("a", "b", "c"),
      city: fc.constantFrom("x", "y", "z"),
      gap: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 20 },
  );
  const property = fc.asyncProperty(
    fc.tuple(events, fc.integer({ min: 0, max: 60 }), disturbances),
    async ([samples, ttlMs, { commitEventsMax, crashAt }]) => {
      let at = 0;
      const given = samples.map(({ gap, ...msg }) => {
        at += gap;
        return { topic: "in", msg, at };
      });
      await using bus = await busOf([...given, { topic: "end", msg: {}, at: at + 100 }]);
      const live = service();
      const running = start(bus, asker(live.lookup, ttlMs), { dir: t.testdir() });
      await running.caughtUp();
      await running.stop();
      const published = await eventsOn(bus, "out", lookupTopic("asker"));
      const dir = await mkdtemp(join(tmpdir(), "fedbus-answers-"));
      await using answers = await RecordedLookups.open({
        ...{ source: bus.source, consumer: "asker", dir },
      });
      const outside = service();
      const { bytes } = await over(bus, asker(outside.lookup, ttlMs), {
        limits: { commitEventsMax },
        crashAt,
        runner: { replay: true, answers },
      });
      const lived = published.map((event) => event.bytes.toString()).join("\n");
      if (bytes !== lived) throw new Error(`${bytes}\nand not\n${lived}`);
      if (outside.calls() > 0) throw new Error(`asked outside ${outside.calls()} times`);
    },
  );
  await assertAsyncProperty(property, 40);
});
