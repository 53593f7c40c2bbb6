import t from "tap";
import { join, joinTable } from "../../../consumers/index.js";

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
