import t from "tap";
import {
  type ConsumerSpec,
  consumer,
  type LookupSpecs,
  lookupTopic,
  RecordedLookups,
  transform,
} from "../../../consumers/index.js";
import { Replay } from "../../../replay/index.js";
import { busOf, type Outcome, outcomeOf, over } from "../over-log.js";
import { eventsOn, start } from "../running.js";

const given = (...keys: string[]) =>
  keys.map((msg, index) => ({ topic: "in", msg, at: index * 10 }));

const messages = ({ outputs }: Outcome, topic: string) =>
  outputs.filter((event) => event.topic === topic).map(({ msg }) => msg);

/** A consumer that publishes what the lookup `it` says of each event's body. */
function asker(lookups: LookupSpecs, options: Partial<ConsumerSpec> = {}) {
  return consumer({
    name: "asker",
    topics: ["in"],
    lookups,
    async handle(event, { lookup, emit }) {
      emit("out", await lookup("it", event.msg as string));
    },
    ...options,
  });
}

t.test("lookup: a plain consumer asks, and an answer that is held comes at once", async (t) => {
  await using bus = await busOf(given("a", "b", "a"));
  const asked: string[] = [];
  const kinds: string[] = [];
  const it = { lookup: (key: string) => asked.push(key) };
  const outcome = await over(
    bus,
    asker(
      { it },
      {
        async handle(event, { lookup, emit }) {
          const value = lookup("it", event.msg as string);
          kinds.push(value instanceof Promise ? "promise" : "value");
          emit("out", await value);
        },
      },
    ),
  );
  t.same(messages(outcome, "out"), [1, 2, 1]);
  t.same(asked, ["a", "b"]);
  t.same(kinds, ["promise", "promise", "value"]);
  t.same(messages(outcome, lookupTopic("asker")), [
    { lookup: "it", key: "a", offset: 0, value: 1 },
    { lookup: "it", key: "b", offset: 1, value: 2 },
  ]);
});

t.test("lookup: what is begun ahead runs side by side; a failing hint is none", async (t) => {
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
  await using bus = await busOf(given(...keys));
  let running = 0;
  let most = 0;
  const it = {
    concurrencyMax: 5,
    lookup: async (key: string) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      return key;
    },
  };
  const { outputs } = await over(
    bus,
    asker(
      { it },
      {
        prefetch(event, { lookup }) {
          if (event.offset === 3) throw new Error("a hint");
          void lookup("it", event.msg as string);
        },
      },
    ),
  );
  t.equal(most, 5);
  t.same(
    outputs.filter(({ topic }) => topic === "out").map(({ msg }) => msg),
    keys,
  );
});

t.test("lookup: within one event a key has one answer, though none is kept", async (t) => {
  await using bus = await busOf(given("a", "a"));
  let calls = 0;
  const plain = asker(
    { it: { ttlMs: 0, lookup: () => ++calls } },
    {
      async handle(event, { lookup, emit }) {
        const key = event.msg as string;
        const [one, other] = await Promise.all([lookup("it", key), lookup("it", key)]);
        emit("out", [one, other, await lookup("it", key)]);
      },
    },
  );
  t.same(messages(await over(bus, plain), "out"), [
    [1, 1, 1],
    [2, 2, 2],
  ]);
});

t.test("lookup: which answer comes first makes no difference", async (t) => {
  await using bus = await busOf(given("x"));
  const bytes = [];
  for (const slow of ["a", "b"]) {
    const lookup = async (key: string) => {
      if (key === slow) await new Promise((resolve) => setTimeout(resolve, 10));
      return key;
    };
    const both = asker(
      { it: { lookup } },
      {
        async handle(_, { lookup: ask }) {
          await Promise.all([ask("it", "b"), ask("it", "a")]);
        },
      },
    );
    bytes.push((await over(bus, both)).bytes);
  }
  t.equal(bytes[0], bytes[1]);
});

t.test("lookup: a handler may cope with a failure, which is kept for its own time", async (t) => {
  await using bus = await busOf(given("a", "a", "a"));
  let calls = 0;
  const fails = () => {
    throw new Error(`no ${++calls}`);
  };
  const coping = asker(
    { it: { lookup: fails, failureTtlMs: 15 } },
    {
      async handle(event, { lookup, emit }) {
        try {
          await lookup("it", event.msg as string);
        } catch (error) {
          const { code, details } = error as { code: string; details: { problem: string } };
          emit("out", [code, details.problem]);
        }
      },
    },
  );
  const outcome = await over(bus, coping);
  t.same(messages(outcome, "out"), [
    ["LOOKUP_FAILED", "no 1"],
    ["LOOKUP_FAILED", "no 1"],
    ["LOOKUP_FAILED", "no 2"],
  ]);
  t.match(messages(outcome, lookupTopic("asker")), [{ error: "no 1" }, { error: "no 2" }]);
});

t.test("lookup: a replay fails by what made a dead letter when it was live", async (t) => {
  await using bus = await busOf(given("bad", "good", "odd"));
  let calls = 0;
  let isUp = false;
  const it = {
    lookup: async (key: string) => {
      calls++;
      if (key === "bad" && !isUp) throw new Error("down");
      return key === "odd" && !isUp ? null : key;
    },
  };
  const strict = asker(
    { it },
    {
      attemptsMax: 2,
      async handle(event, { lookup, emit }) {
        const value = await lookup<string | null>("it", event.msg as string);
        if (value === null) throw new Error("nothing is known");
        emit("out", value);
      },
    },
  );
  const running = start(bus, strict, { dir: t.testdir({ live: {} }) });
  await running.caughtUp();
  await running.stop();
  const live = await eventsOn(bus, "out", "consumers.asker.#");
  t.same(
    live.map(({ topic, msg }) => [topic.split(".").at(-1), (msg as { key?: string }).key ?? null]),
    [
      ["lookup", "bad"],
      ["dead-letter", null],
      ["out", null],
      ["lookup", "good"],
      ["lookup", "odd"],
      ["dead-letter", null],
    ],
  );
  t.match(live[0]!.msg, { error: "down", offset: 0 });
  calls = 0;
  isUp = true;
  const { head } = await bus.source.info();
  await using replay = await Replay.open({
    ...{
      source: bus.source,
      consumer: strict,
      dir: `${t.testdir({ replay: {} })}/replay`,
      from: 0,
      to: head,
    },
  });
  await replay.run();
  t.equal(calls, 0, "nothing was asked again");
  const { outputs } = await outcomeOf(replay.store);
  const told = ({ topic, msg }: { topic: string; msg: unknown }) => {
    const { error, ...rest } = msg as { error?: { message?: string } };
    return [topic, typeof msg === "string" ? msg : { ...rest, why: error?.message ?? error }];
  };
  t.same(outputs.map(told), live.map(told));
});

t.test("lookup: where it cannot be asked, that is said", async (t) => {
  await using bus = await busOf(given("a"));
  const it = { lookup: () => 1 };
  const cases: readonly (readonly [Partial<ConsumerSpec>, object])[] = [
    [{ handle: (_, { lookup }) => void lookup("other", "a") }, { code: "OPTIONS_INVALID" }],
    [{ handle: (_, { lookup }) => void lookup("it", 5 as never) }, { code: "LOOKUP_FAILED" }],
    [{ handle: (_, { table }) => void table("answers") }, { code: "STATE_INVALID" }],
  ];
  for (const [handlers, error] of cases) {
    const outcome = await over(bus, asker({ it }, { attemptsMax: 1, ...handlers }));
    t.match(messages(outcome, "consumers.asker.dead-letter"), [{ error }]);
  }
  const thrown: unknown[] = [];
  const flush: ConsumerSpec["flush"] = ({ lookup }) => {
    try {
      lookup("it", "a");
    } catch (error) {
      thrown.push((error as { code: string }).code);
    }
  };
  await over(bus, asker({ it }, { handle() {}, flush }));
  t.same(new Set(thrown), new Set(["LOOKUP_FAILED"]), "not before a commit: that comes any time");
  const none = consumer({
    ...{ name: "asker", topics: ["in"], attemptsMax: 1 },
    handle: (_, { lookup, table }) => {
      table("answers").put("mine", 1);
      lookup("it", "a");
    },
  });
  t.match(messages(await over(bus, none), "consumers.asker.dead-letter"), [
    { error: { code: "OPTIONS_INVALID" } },
  ]);
});

t.test("lookup: wrong declarations are refused, saying which", async (t) => {
  const lookups = { No: { lookup: () => 1 }, it: { lookup: 5, ttl: 1, timeoutMs: 0 } } as never;
  const message =
    /name "No" must be.*it: ttl is not an option.*it: timeoutMs must.*it: lookup must/;
  const handle = () => undefined;
  const wrong = { code: "OPTIONS_INVALID", message };
  t.throws(() => consumer({ name: "x", topics: ["in"], lookups, handle }), wrong);
  t.throws(() => transform({ name: "x", topics: ["in"], lookups, handle }), wrong);
});

t.test("lookup: recorded answers are gathered on disk, and gone on with", async (t) => {
  const answer = (offset: number, value: number, more: object = {}) => ({
    topic: lookupTopic("asker"),
    msg: { lookup: "it", key: "k", offset, value, ...more },
  });
  const timer = { clock: "log", at: 5, group: 0, key: "tick" } as const;
  await using bus = await busOf([answer(1, 10), answer(1, 11, { timer }), answer(300, 20)]);
  const place = { source: bus.source, consumer: "asker", dir: t.testdir() };
  {
    await using answers = await RecordedLookups.open(place);
    t.same(await answers.find("it", "k", { offset: 1 }), { value: 10 });
    t.same(await answers.find("it", "k", { offset: 1, timer }), { value: 11 });
    t.same(await answers.find("it", "k", { offset: 299 }), { value: 11 }, "the newest before");
    t.same(await answers.find("it", "k", { offset: 0 }), { value: 10 }, "the first after");
    t.equal(await answers.find("it", "k2", { offset: 1 }), undefined);
    t.equal(await answers.find("other", "k", { offset: 1 }), undefined);
  }
  await using publisher = bus.publisher();
  await publisher.publishMany([answer(300, 21), answer(301, 22)]);
  await using answers = await RecordedLookups.open(place);
  t.same(await answers.find("it", "k", { offset: 300 }), { value: 21 }, "recorded anew");
  t.same(await answers.find("it", "k", { offset: 900 }), { value: 22 });
});
