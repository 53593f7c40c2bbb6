import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { enrich, lookupTopic, RecordedLookups } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { eventsOn, start } from "../running.js";

t.setTimeout(patienceMs);

/** A service outside: it answers something else each time, and sometimes nothing. */
function service() {
  let calls = 0;
  return {
    calls: () => calls,
    lookup: async (key: string) => {
      const call = ++calls;
      await new Promise((resolve) => setTimeout(resolve, call % 3));
      if (call % 5 === 0) throw new Error(`call ${call}`);
      return { key, call };
    },
  };
}

function enricher(lookup: (key: string) => Promise<unknown>, ttlMs: number) {
  return enrich({
    name: "asker",
    topics: ["in"],
    key: (event) => event.msg as string,
    lookup,
    ttlMs,
    failureTtlMs: Math.floor(ttlMs / 2),
    cacheEntriesMax: 128,
    onLookupFailure: "output",
    output: ({ offset }, value, failure) => ({ topic: "out", msg: { offset, value, failure } }),
  });
}

t.test("enrich: a replay gives the live run's bytes, without asking", async (t) => {
  const events = fc.array(
    fc.record({ key: fc.constantFrom("a", "b", "c", "d"), gap: fc.integer({ min: 0, max: 20 }) }),
    { maxLength: 25 },
  );
  const property = fc.asyncProperty(
    fc.tuple(events, fc.integer({ min: 0, max: 60 }), disturbances),
    async ([samples, ttlMs, { commitEventsMax, crashAt }]) => {
      let at = 0;
      const given = samples.map(({ key, gap }) => {
        at += gap;
        return { topic: "in", msg: key, at };
      });
      await using bus = await busOf(given);
      const live = service();
      const running = start(bus, enricher(live.lookup, ttlMs), { dir: t.testdir() });
      await running.caughtUp();
      await running.stop();
      const published = await eventsOn(bus, "out", lookupTopic("asker"));
      await using answers = await RecordedLookups.open({
        source: bus.source,
        consumer: "asker",
        dir: await mkdtemp(join(tmpdir(), "fedbus-answers-")),
      });
      const outside = service();
      const { bytes } = await over(bus, enricher(outside.lookup, ttlMs), {
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

t.test("enrich: recorded answers hold from their event on; the first also before", async (t) => {
  const answer = (key: string, offset: number, value: string) => ({
    topic: lookupTopic("asker"),
    msg: { lookup: "enrich", key, offset, value },
  });
  await using bus = await busOf([answer("k", 10, "a"), answer("k", 20, "b"), answer("x", 5, "c")]);
  const place = { source: bus.source, consumer: "asker", dir: t.testdir() };
  await using answers = await RecordedLookups.open(place);
  const valueAt = async (key: string, offset: number) =>
    (await answers.find("enrich", key, { offset }))?.value;
  t.equal(await valueAt("k", 9), "a");
  t.equal(await valueAt("k", 10), "a");
  t.equal(await valueAt("k", 19), "a");
  t.equal(await valueAt("k", 20), "b");
  t.equal(await valueAt("k", 1_000), "b");
  t.equal(await valueAt("none", 1), undefined);
});
