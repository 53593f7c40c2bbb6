import t from "tap";
import { type Alert, type Clear, rule, rules } from "../../../consumers/index.js";
import { busOf, type Given, logStart, over } from "../over-log.js";

type Options = Partial<Parameters<typeof rules>[0]>;

/** Rules over `in`, by `msg.key`. */
function watcher(list: Parameters<typeof rules>[0]["rules"], options: Options = {}) {
  const key = ({ msg }: { readonly msg: unknown }) => (msg as { key?: string }).key;
  return rules({ name: "watch", topics: ["in"], key, rules: list, ...options });
}

const at = (ms: number, msg: object): Given => ({ topic: "in", msg: { key: "k", ...msg }, at: ms });

async function saidBy(consumer: ReturnType<typeof rules>, events: readonly Given[], endAt: number) {
  await using bus = await busOf(events, endAt);
  const { outputs } = await over(bus, consumer);
  return outputs.map(({ topic, msg }) => {
    const body = msg as Alert | Clear;
    return `${topic.split(".").at(-1)} ${body.rule} ${body.key} ${body.at - logStart}`;
  });
}

t.test(
  "rules: a condition that has held for its time gives an alert, though nothing comes",
  async (t) => {
    // log's time 0    10   20   30   40   50
    // too hot    + -      +               -      for 10 from 18: the alert is at 28
    const hot = rule.heldFor({ name: "hot", when: "msg.c > 30", forMs: 10 });
    const events = [at(0, { c: 31 }), at(3, { c: 30 }), at(18, { c: 40 }), at(50, { c: 5 })];
    t.same(await saidBy(watcher([hot]), events, 60), ["alert hot k 28", "clear hot k 50"]);
    t.same(await saidBy(watcher([hot]), events.slice(0, 3), 28), [], "at 28 more may still come");
    t.same(await saidBy(watcher([hot]), events.slice(0, 3), 29), ["alert hot k 28"]);
  },
);

t.test("rules: an alert stays until its own condition clears it", async (t) => {
  // log's time 0    10   20   30
  // degrees    35   28   24                  over 30 raises it, under 25 clears it
  const clearWhen = "msg.c < 25";
  const hot = rule.heldFor({ name: "hot", when: "msg.c > 30", forMs: 0, clearWhen });
  const events = [at(0, { c: 35 }), at(10, { c: 28 }), at(20, { c: 24 })];
  t.same(await saidBy(watcher([hot]), events, 60), ["alert hot k 0", "clear hot k 20"]);
});

t.test("rules: so many within a time, and what is that old counts no more", async (t) => {
  // log's time 0    10   20   30   40
  // failures   x         x                   20 apart: not within 20
  // failures                  x              10 apart: within 20, until 20 + 20
  const many = rule.countWithin({ name: "many", when: "msg.failed", count: 2, withinMs: 20 });
  const events = [at(0, { failed: true }), at(20, { failed: true }), at(30, { failed: true })];
  t.same(await saidBy(watcher([many]), events, 60), ["alert many k 30", "clear many k 40"]);
});

t.test("rules: after an alert there is no other until the cooldown is over", async (t) => {
  // log's time 0    10   20   30   40   50
  // too hot    + -  + -  +                   cooldown of 35 from 0
  const hot = rule.heldFor({ name: "hot", when: "msg.c", forMs: 0, cooldownMs: 35 });
  const events = [0, 2, 10, 12, 20].map((ms, index) => at(ms, { c: index % 2 === 0 }));
  const said = ["alert hot k 0", "clear hot k 2", "alert hot k 35"];
  t.same(await saidBy(watcher([hot]), events, 60), said);
});

t.test("rules: a key that is silent, and one that never came", async (t) => {
  // log's time 0    10   20   30   40
  // key k      x                   x         silent for 15: at 15
  // key new                                  expected from the first event on: at 15
  const gone = rule.absent({ name: "gone", forMs: 15, expectedKeys: ["new", "k"] });
  const said = ["alert gone k 15", "alert gone new 15", "clear gone k 40", "alert gone k 55"];
  t.same(await saidBy(watcher([gone]), [at(0, {}), at(40, {})], 60), said);
});

t.test("rules: `of` says which events a rule looks at", async (t) => {
  const of = "msg.kind == 'temperature'";
  const hot = rule.heldFor({ name: "hot", of, when: "msg.c > 30", forMs: 10 });
  const events = [at(0, { kind: "temperature", c: 31 }), at(5, { kind: "door" })];
  t.same(await saidBy(watcher([hot]), events, 60), ["alert hot k 10"]);
});

t.test("rules: many in one pass, each with its own alert, in order of time", async (t) => {
  const list = [
    rule.heldFor({ name: "held", when: "msg.bad", forMs: 10 }),
    rule.absent({ name: "gone", forMs: 5 }),
    rule.countWithin({ name: "many", when: "msg.bad", count: 1, withinMs: 7 }),
  ];
  t.same(await saidBy(watcher(list), [at(0, { bad: true })], 60), [
    "alert many k 0",
    "alert gone k 5",
    "clear many k 7",
    "alert held k 10",
  ]);
});

t.test("rules: an alert says everything, and its clear has its id", async (t) => {
  const hot = rule.heldFor({
    name: "hot",
    when: "msg.c > 30",
    forMs: 10,
    severity: "critical",
    value: ({ msg }) => (msg as { c: number }).c,
    message: "{key} is at {value} degrees",
  });
  await using bus = await busOf([at(0, { c: 31 }), at(5, { c: 33 }), at(20, { c: 4 })], 60);
  const { outputs } = await over(bus, watcher([hot]));
  const common = { id: "watch/hot/k/0", rule: "hot", key: "k", severity: "critical" };
  const since = logStart;
  t.same(
    outputs.map(({ topic, msg }) => [topic, msg]),
    [
      [
        "consumers.watch.alert",
        { ...common, since, at: since + 10, value: 33, message: "k is at 33 degrees" },
      ],
      [
        "consumers.watch.clear",
        { ...common, since, alertedAt: since + 10, at: since + 20, reason: "condition", value: 4 },
      ],
    ],
  );
});

t.test("rules: alerts and clears go to the topics that are given", async (t) => {
  const hot = rule.heldFor({ name: "hot", when: "msg.c > 30", forMs: 10, severity: "warning" });
  await using bus = await busOf([at(0, { c: 31 }), at(20, { c: 4 })], 60);
  const given = { alertTopic: "plant.alarm", clearTopic: "plant.all-clear" };
  const { outputs } = await over(bus, watcher([hot], given));
  t.same(
    outputs.map(({ topic }) => topic),
    ["plant.alarm", "plant.all-clear"],
  );
});

t.test("rules: wrong options are refused, saying which", async (t) => {
  const wrong: readonly (readonly [make: () => unknown, problem: RegExp])[] = [
    [() => rule.heldFor({ name: "No", when: "true", forMs: 1 }), /name must be/],
    [() => rule.heldFor({ name: "a", when: "msg.c >", forMs: -1 }), /when must .*; forMs must/],
    [
      () => rule.heldFor({ name: "a", when: "true", forMs: 1, x: 1 } as never),
      /x is not an option/,
    ],
    [() => rule.countWithin({ name: "a", count: 2, withinMs: 1, clearBelow: 3 }), /at most count/],
    [
      () =>
        rule.countWithin({ name: "a", count: 2, withinMs: 1, clearBelow: 1, clearWhen: "true" }),
      /do not go together/,
    ],
    [() => rule.absent({ name: "a", forMs: 0 }), /forMs must/],
    [() => watcher([]), /rules must be a list of 1 to/],
    [() => watcher([{ name: "a" } as never]), /made by rule/],
    [
      () => watcher([rule.absent({ name: "a", forMs: 1 }), rule.absent({ name: "a", forMs: 2 })]),
      /has a twice/,
    ],
    [
      () => watcher([rule.absent({ name: "a", forMs: 1 })], { clock: "wall" as never }),
      /clock must/,
    ],
  ];
  for (const [make, message] of wrong) t.throws(make, { code: "OPTIONS_INVALID", message });
});

t.test(
  "rules: thresholds come from the configuration, as expressions, functions and times",
  async (t) => {
    // log's time 0    10   20   30
    // degrees    35   28   36   1
    const events = [at(0, { c: 35 }), at(10, { c: 28 }), at(20, { c: 36 }), at(30, { c: 1 })];
    interface Limits {
      readonly limit: number;
      readonly forMs: number;
    }
    const hot = rules<Limits>({
      ...{ name: "watch", topics: ["in"], key: ({ msg }) => (msg as { key: string }).key },
      config: {
        type: "object",
        properties: { limit: { type: "number" }, forMs: { type: "integer" } },
      },
      rules: ({ forMs }) => [
        rule.heldFor({ name: "text", when: "msg.c > config.limit", forMs }),
        rule.heldFor({
          name: "function",
          when: ({ msg }, { limit }: Limits) => (msg as { c: number }).c > limit,
          forMs: forMs + 5,
        }),
      ],
    });
    const saidWith = async (config: Limits) => {
      await using bus = await busOf(events, 60);
      const { outputs } = await over(bus, hot, { runner: { config } });
      return outputs.map(({ topic, msg }) => {
        const { rule, at } = msg as Alert | Clear;
        return `${topic.split(".").at(-1)} ${rule} ${at - logStart}`;
      });
    };
    t.same(await saidWith({ limit: 20, forMs: 10 }), [
      "alert text 10",
      "alert function 15",
      "clear text 30",
      "clear function 30",
    ]);
    t.same(await saidWith({ limit: 30, forMs: 8 }), [
      "alert text 8",
      "clear text 10",
      "alert text 28",
      "clear text 30",
    ]);
    const expecting = rules({
      ...{ name: "watch", topics: ["in"], key: () => "k" },
      rules: () => [rule.absent({ name: "gone", forMs: 1, expectedKeys: ["k"] })],
    });
    await using bus = await busOf(events);
    const message = /gone: expectedKeys need rules that are given as a list/;
    await t.rejects(over(bus, expecting), { code: "OPTIONS_INVALID", message });
  },
);
