import t from "tap";
import { join, joinTable } from "../../../consumers/index.js";
import { busOf, over } from "../over-log.js";

const side = { topics: ["a.b"], key: () => "k" };
const other = { topics: ["a.c"], key: () => "k" };
const output = () => undefined;
const within = { beforeMs: 1, afterMs: 1 };
const good = { name: "j", left: side, right: other, within, output };
const table = { name: "j", stream: side, table: other, output };

const wrong: readonly (readonly [why: string, make: () => unknown, problem: RegExp])[] = [
  ["unknown", () => join({ ...good, extra: 1 } as never), /extra is not an option/],
  [
    "no key",
    () => join({ ...good, left: { topics: ["a"] } as never }),
    /left: key must be a function/,
  ],
  ["side", () => join({ ...good, right: undefined as never }), /right: options must be an object/],
  [
    "interval",
    () => join({ ...good, within: { beforeMs: 1, afterMs: -2 } }),
    /ends before it begins/,
  ],
  ["within", () => join({ ...good, within: "for ever" as never }), /within must be "unbounded"/],
  [
    "outer",
    () => join({ ...good, type: "outer", within: "unbounded" as never }),
    /only an inner join can be unbounded/,
  ],
  ["late", () => join({ ...good, within: "unbounded", lateTopic: "x" }), /nothing is late/],
  ["rows", () => join({ ...good, rowsMax: 0 }), /rowsMax must be a whole number/],
  [
    "shared",
    () => join({ ...good, right: { topics: ["a.*"], key: () => "k" } }),
    /share topics, so they must have the same key function/,
  ],
  ["name", () => join({ ...good, name: "No" }), /name must be/],
  [
    "ttl",
    () => joinTable({ ...table, asOf: "event-time", ttlMs: 1 }),
    /ttlMs goes with asOf: "latest"/,
  ],
  ["keep", () => joinTable({ ...table, keepMs: 1 }), /keepMs goes with asOf: "event-time"/],
  [
    "type",
    () => joinTable({ ...table, type: "outer" as never }),
    /type must be one of inner, left/,
  ],
];

t.test("join: wrong options are refused, saying which", async (t) => {
  for (const [why, make, problem] of wrong)
    t.throws(make, { code: "OPTIONS_INVALID", message: problem }, why);
  t.doesNotThrow(() => join(good));
  t.throws(() => join({ ...good, type: "all", rowsMax: 0 } as never), {
    message: /type must be .*; rowsMax must be/,
  });
});

interface Config {
  readonly reachMs: number;
  readonly mark: string;
}

const config = {
  type: "object",
  properties: { reachMs: { type: "integer" }, mark: { type: "string" } },
} as const;
const stream = [
  { topic: "a.b", msg: { t: 0 } },
  { topic: "a.c", msg: { t: 5 } },
];

t.test(
  "join: its functions get the configuration, and its interval may come from there",
  async (t) => {
    const joined = join<{ t: number }, string, Config>({
      ...{ name: "j", config, watermark: { time: ({ msg }) => (msg as { t: number }).t } },
      left: { topics: ["a.b"], key: (_, { mark }) => mark },
      right: { topics: ["a.c"], key: (_, { mark }) => mark, value: (_, { mark }) => mark },
      within: ({ reachMs }) => ({ beforeMs: 0, afterMs: reachMs }),
      output: (left, right, key, { mark }) => ({ topic: "out", msg: [left.t, right, key, mark] }),
    });
    await using bus = await busOf(stream);
    const near = await over(bus, joined, { runner: { config: { reachMs: 4, mark: "m" } } });
    t.same(near.outputs, []);
    const far = await over(bus, joined, { runner: { config: { reachMs: 5, mark: "m" } } });
    t.same(
      far.outputs.map(({ msg }) => msg),
      [[0, "m", "m", "m"]],
    );
    const wrong = over(bus, joined, { runner: { config: { reachMs: -1, mark: "m" } } });
    await t.rejects(wrong, { code: "OPTIONS_INVALID", message: /within ends before it begins/ });
  },
);

t.test("joinTable: its functions get the configuration", async (t) => {
  const joined = joinTable<unknown, string, Config>({
    ...{ name: "j", config },
    stream: { topics: ["a.c"], key: (_, { mark }) => mark },
    table: { topics: ["a.b"], key: (_, { mark }) => mark, value: (_, { mark }) => mark },
    output: (_, row, key, { mark }) => ({ topic: "out", msg: [row, key, mark] }),
  });
  await using bus = await busOf(stream);
  const { outputs } = await over(bus, joined, { runner: { config: { mark: "m" } } });
  t.same(
    outputs.map(({ msg }) => msg),
    [["m", "m", "m"]],
  );
});
