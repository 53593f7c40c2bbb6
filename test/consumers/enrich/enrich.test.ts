import t from "tap";
import type { BusEvent, Logger } from "../../../bus/index.js";
import { type EnrichSpec, enrich, type RecordedAnswers } from "../../../consumers/index.js";
import { busOf, type Given, over } from "../over-log.js";

type Lookup = EnrichSpec<unknown>["lookup"];

interface Order {
  readonly id: number;
  readonly city: string | null;
}

const idOf = (event: BusEvent): number => (event.msg as Order).id;

/** Adds what `lookup` says of an order's city. */
function enricher(lookup: Lookup, options: Partial<EnrichSpec> = {}) {
  return enrich({
    name: "weather",
    topics: ["in"],
    key: (event) => (event.msg as Order).city,
    lookup,
    output: (event, value, failure) => ({
      topic: "out",
      msg: [idOf(event), value ?? null, failure ?? null],
    }),
    ...options,
  });
}

/** Orders 0, 1, … in cities, recorded 10 ms apart. */
const orders = (...cities: readonly (string | null)[]): Given[] =>
  cities.map((city, id) => ({ topic: "in", msg: { id, city }, at: id * 10 }));

const bodies = (outputs: readonly BusEvent[], topic: string) =>
  outputs.filter((event) => event.topic === topic).map(({ msg }) => msg);

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Answers after a moment, and says how many it answered at once at most, and what it was asked. */
function slowly(answer: (key: string, call: number) => unknown) {
  const asked: string[] = [];
  let running = 0;
  let most = 0;
  const lookup: Lookup = async (key) => {
    most = Math.max(most, ++running);
    asked.push(key);
    const call = asked.length;
    // Later ones answer sooner.
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, 20 - call)));
    running--;
    return answer(key, call);
  };
  return { lookup, asked, most: () => most };
}

t.test("enrich: outputs keep the events' order, each key asked once", async (t) => {
  await using bus = await busOf(orders("oslo", "rome", "oslo", null, "bonn", "rome"));
  const { lookup, asked } = slowly((key) => key.toUpperCase());
  const { outputs } = await over(bus, enricher(lookup));
  t.same(bodies(outputs, "out"), [
    [0, "OSLO", null],
    [1, "ROME", null],
    [2, "OSLO", null],
    [3, null, null],
    [4, "BONN", null],
    [5, "ROME", null],
  ]);
  t.same(asked, ["oslo", "rome", "bonn"]);
  t.same(bodies(outputs, "consumers.weather.lookup"), [
    { lookup: "enrich", key: "oslo", offset: 0, value: "OSLO" },
    { lookup: "enrich", key: "rome", offset: 1, value: "ROME" },
    { lookup: "enrich", key: "bonn", offset: 4, value: "BONN" },
  ]);
});

t.test("enrich: lookups run side by side, so many and no more", async (t) => {
  await using bus = await busOf(orders(...Array.from({ length: 60 }, (_, id) => `city-${id}`)));
  const { lookup, asked, most } = slowly((key) => key);
  const { outputs } = await over(bus, enricher(lookup, { concurrencyMax: 7 }));
  t.equal(most(), 7);
  t.equal(asked.length, 60);
  t.same(
    bodies(outputs, "out").map((row) => (row as [number])[0]),
    Array.from({ length: 60 }, (_, id) => id),
  );
});

t.test("enrich: an answer holds for its time, in the log's time", async (t) => {
  // log's time  0   10   20   30
  // oslo        asked         asked
  await using bus = await busOf(orders("oslo", "oslo", "oslo", "oslo"));
  const { lookup } = slowly((_, call) => call);
  const { outputs } = await over(bus, enricher(lookup, { ttlMs: 30 }));
  t.same(
    bodies(outputs, "out").map((row) => (row as unknown[])[1]),
    [1, 1, 1, 2],
  );
  const always = slowly((_, call) => call);
  await over(bus, enricher(always.lookup, { ttlMs: 0 }));
  t.equal(always.asked.length, 4, "0: asked for each event");
});

t.test("enrich: the oldest answers go when there are too many", async (t) => {
  // One answer a group of keys: another key of the same group takes its place.
  const cities = Array.from({ length: 400 }, (_, id) => `city-${id % 200}`);
  await using bus = await busOf(orders(...cities));
  const few = slowly((key) => key);
  const { entries } = await over(bus, enricher(few.lookup, { cacheEntriesMax: 64 }));
  t.ok(few.asked.length > 300, "most had to be asked for again");
  t.ok(entries <= 64 * 3, "an answer, its place and the places, for each group");
  const enough = slowly((key) => key);
  await over(bus, enricher(enough.lookup, { cacheEntriesMax: 64 * 200 }));
  t.equal(enough.asked.length, 200);
});

t.test("enrich: a lookup that takes too long is aborted, and fails", async (t) => {
  await using bus = await busOf(orders("oslo", "rome"));
  let aborted = 0;
  const lookup: Lookup = (key, signal) => {
    if (key === "rome") return "here";
    return new Promise(() => signal.addEventListener("abort", () => aborted++));
  };
  const options = { timeoutMs: 20, onLookupFailure: "output" } as const;
  const { outputs } = await over(bus, enricher(lookup, options));
  t.equal(aborted, 1);
  t.same(bodies(outputs, "out"), [
    [0, null, "no answer within 20 ms"],
    [1, "here", null],
  ]);
});

t.test("enrich: a failure can be output, dropped, or fail the event", async (t) => {
  await using bus = await busOf(orders("oslo", "rome", "oslo"));
  const lookup: Lookup = (key) => {
    if (key === "oslo") throw new Error("no such city");
    return key;
  };
  const output = await over(bus, enricher(lookup, { onLookupFailure: "output" }));
  t.same(bodies(output.outputs, "out"), [
    [0, null, "no such city"],
    [1, "rome", null],
    [2, null, "no such city"],
  ]);
  t.match(bodies(output.outputs, "consumers.weather.lookup")[0], { error: "no such city" });
  const drop = await over(bus, enricher(lookup, { onLookupFailure: "drop" }));
  t.same(bodies(drop.outputs, "out"), [[1, "rome", null]]);
  const fail = await over(bus, enricher(lookup, { attemptsMax: 1 }));
  t.same(bodies(fail.outputs, "out"), [[1, "rome", null]]);
  const letters = bodies(fail.outputs, "consumers.weather.dead-letter");
  t.match(letters, [{ error: { code: "LOOKUP_FAILED" } }, { error: { code: "LOOKUP_FAILED" } }]);
});

t.test("enrich: an event that failed once is tried again", async (t) => {
  await using bus = await busOf(orders("oslo", "rome"));
  let calls = 0;
  const lookup: Lookup = (key) => {
    if (key === "oslo" && ++calls < 3) throw new Error("not yet");
    return key;
  };
  const { outputs } = await over(bus, enricher(lookup), { limits: { retryMsMax: 1 } });
  t.same(bodies(outputs, "out"), [
    [0, "oslo", null],
    [1, "rome", null],
  ]);
});

t.test("enrich: an answer is what JSON makes of it, and no larger than it may be", async (t) => {
  await using bus = await busOf(orders("date", "none", "large", "cyclic"));
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const answers: Record<string, unknown> = {
    date: { at: new Date(0), nothing: undefined },
    large: "x".repeat(100),
    cyclic,
  };
  const options = { answerBytesMax: 50, onLookupFailure: "output" } as const;
  const { outputs } = await over(
    bus,
    enricher((key) => answers[key], options),
  );
  t.match(bodies(outputs, "out"), [
    [0, { at: "1970-01-01T00:00:00.000Z" }, null],
    [1, null, null],
    [2, null, "the answer is larger than 50 bytes"],
    [3, null, /circular/],
  ]);
});

t.test("enrich: a replay takes recorded answers, and warns when it must ask", async (t) => {
  await using bus = await busOf(orders("oslo", "rome", "oslo", "bonn"));
  const told: string[] = [];
  const logger: Logger = { ...quiet, warn: (_, message) => told.push(message) };
  const recorded: Record<string, string> = { oslo: "then", rome: "once" };
  const answers: RecordedAnswers = {
    find: (_, key) => (key in recorded ? { value: recorded[key] } : undefined),
  };
  const { lookup, asked } = slowly(() => "now");
  const runner = { replay: true, answers, logger };
  const { outputs } = await over(bus, enricher(lookup), { runner });
  t.same(bodies(outputs, "out"), [
    [0, "then", null],
    [1, "once", null],
    [2, "then", null],
    [3, "now", null],
  ]);
  t.same(asked, ["bonn"]);
  t.same(told, ["a replay asks outside, since no answer was recorded"]);
});

t.test("enrich: wrong options are refused, saying which", async (t) => {
  const wrong = { concurrencyMax: 0, timeoutMs: 0, onLookupFailure: "x", extra: 1 } as never;
  t.throws(() => enricher(() => 1, wrong), {
    code: "OPTIONS_INVALID",
    message: /extra is not .*concurrencyMax must .*timeoutMs must .*onLookupFailure must /,
  });
});
