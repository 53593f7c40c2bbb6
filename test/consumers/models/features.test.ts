import fc from "fast-check";
import t from "tap";
import { Extractor } from "../../../consumers/models/features/extractor.js";
import type { Encoder, Feature } from "../../../consumers/models/features/feature.js";
import { assertProperty } from "../../schemas/property.js";
import { eventOf, plainColumns, walk } from "./plain-features.js";

/** Names that a prototype has, that could be taken for code, or that are quite ordinary. */
const names = fc.constantFrom(
  ...[
    "a",
    "b",
    "0",
    "length",
    "constructor",
    "__proto__",
    "toString",
    "map",
    'a"];throw 1;//',
    "\u2028",
  ],
);
const leaf = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, "x", "y", "1", 1e300, -0),
);
const body = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("value"), { maxLength: 3 }), tie("object")),
  object: fc
    .array(fc.tuple(names, tie("value")), { maxLength: 5 })
    // As JSON.parse makes them: own members whatever their name.
    .map((members) =>
      members.reduce((object, [name, value]) => {
        const member = { value, enumerable: true, writable: true, configurable: true };
        return Object.defineProperty(object, name, member);
      }, {}),
    ),
})).object;
const encoder: fc.Arbitrary<Encoder> = fc.constantFrom<Encoder>(
  { kind: "number" },
  { kind: "number", missing: true },
  { kind: "missing" },
  { kind: "category", values: ["x", 1, true] },
  { kind: "one-hot", values: ["x", "1", false] },
);
const feature = fc.record({ names: fc.array(names, { minLength: 1, maxLength: 4 }), encoder });

function pointerOf(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

t.test(
  "features: compiled reads give what a plain walk gives, whatever members are called",
  async () => {
    assertProperty(
      fc.property(fc.array(feature, { minLength: 1, maxLength: 6 }), body, (list, msg) => {
        const features: Feature[] = list.map(({ names, encoder }, index) => ({
          name: `f${index}`,
          path: pointerOf(names),
          encoder,
        }));
        const extractor = Extractor.of(features, {});
        const row = new Float64Array(extractor.width).fill(7);
        extractor.extract(eventOf(msg), row);
        const expected = list.flatMap(({ names, encoder }) =>
          plainColumns(encoder, walk(msg, names)),
        );
        return Object.is(JSON.stringify([...row]), JSON.stringify(expected));
      }),
      1_000,
    );
  },
);

t.test("features: a declaration is JSON and compiles back to the same extractor", async (t) => {
  const features: Feature[] = [
    { path: "msg.amount", encoder: { kind: "number", missing: true, scaled: true } },
    { path: "msg.shop", encoder: { kind: "one-hot", max: 3 } },
    { path: "msg.card", encoder: { kind: "hash", buckets: 4 } },
    { path: "msg.kind", encoder: "category" },
    { path: "/odd.name", name: "odd", encoder: "missing" },
    { path: "timestamp", encoder: { kind: "time", parts: ["hour", "weekday"] } },
    { path: "msg.at", encoder: { kind: "time", parts: ["month", "day", "minute"], cyclic: false } },
  ];
  const learning = Extractor.of(features, {});
  const events = ["a", "b", "a", "c", "d", "b", undefined].map((shop, index) =>
    eventOf(
      { amount: index, shop, card: `c${index}`, kind: index % 2, at: "2026-03-04T05:06:00+01:00" },
      { timestamp: Date.UTC(2026, 0, 4, 18) },
    ),
  );
  const row = () => new Float64Array(learning.width);
  for (const event of events) t.equal(learning.extract(event, row()), 0);
  const declaration = JSON.parse(JSON.stringify(learning.declaration));
  const serving = Extractor.from(declaration);
  t.same(
    declaration.columns,
    [
      ...["amount", "amount:missing", "shop=a", "shop=b", "shop=c", "shop=…"],
      ...["card#0", "card#1", "card#2", "card#3", "kind", "odd:missing"],
      ...[
        "timestamp:hour:sin",
        "timestamp:hour:cos",
        "timestamp:weekday:sin",
        "timestamp:weekday:cos",
      ],
      ...["at:month", "at:day", "at:minute"],
    ],
    "each column has its name",
  );
  for (const event of [...events, eventOf({ shop: "new", amount: "12" })]) {
    const [trained, served] = [row(), row()];
    learning.extract(event, trained);
    serving.extract(event, served);
    t.same(served, trained);
  }
  t.same(serving.declaration, declaration, "serving learns nothing");
  const [first] = [row()];
  learning.extract(events[0]!, first!);
  t.same([...first!].slice(0, 6), [0, 0, 1, 0, 0, 0]);
  t.ok(Math.abs(first![12]! + 1) < 1e-6, "18:00 is three quarters of a turn");
  t.same([...first!].slice(16), [2, 3, 6], "an ISO text, in UTC");
});

t.test("features: an encoder that needs options says which", (t) => {
  for (const [encoder, message] of [
    ["hash", /must say how many buckets: \{ kind: "hash", buckets \}/],
    ["time", /must say which parts: \{ kind: "time", parts \}, of minute, hour/],
    ["onehot", /must be one of number, missing, category, one-hot, hash, time/],
    ["toString", /must be one of number/],
  ] as const)
    t.throws(() => Extractor.of([{ path: "msg.a", encoder: encoder as "number" }], {}), {
      code: "OPTIONS_INVALID",
      message,
    });
  t.end();
});

t.test("features: what is of no use is counted and missing; rows fit 32-bit floats", async (t) => {
  const extractor = Extractor.of(
    [
      { path: "msg.n" },
      { path: "msg.c", encoder: "one-hot" },
      { path: "msg.t", encoder: { kind: "time", parts: ["hour"] } },
    ],
    {},
  );
  const row = new Float64Array(extractor.width);
  t.equal(extractor.extract(eventOf({ n: "1", c: {}, t: "yesterday" }), row), 3);
  t.ok(Number.isNaN(row[0]) && row.slice(1, 34).every((value) => value === 0));
  t.equal(
    extractor.extract(eventOf({ n: 1e39, c: null, t: null }), row),
    1,
    "too large for 32 bits",
  );
  t.equal(extractor.extract(eventOf({ n: 0.1 }), row), 0);
  t.equal(row[0], Math.fround(0.1));
  const into = new Float32Array(2 * extractor.width);
  extractor.extract(eventOf({ n: 3 }), into, extractor.width);
  t.equal(into[extractor.width], 3, "a row of many");
});

t.test(
  "features: a function gives named numbers, and is needed again where the model is used",
  async (t) => {
    const features = {
      names: ["ratio", "high"],
      values: ({ envelope }: { envelope: { msg: unknown } }, { limit }: { limit: number }) => {
        const { a, b } = envelope.msg as { a: number; b: number };
        return { ratio: a / b, high: a > limit };
      },
    };
    const extractor = Extractor.of(features, { limit: 5 });
    const row = new Float64Array(2);
    t.equal(extractor.extract(eventOf({ a: 6, b: 3 }), row), 0);
    t.same([...row], [2, 1]);
    t.equal(extractor.extract(eventOf({ a: 0, b: 0 }), row), 1, "NaN is of no use");
    const { declaration } = extractor;
    t.same(declaration, { columns: ["ratio", "high"] });
    t.throws(() => Extractor.from(declaration), { code: "OPTIONS_INVALID" });
    const other = { ...features, names: ["high", "ratio"] };
    t.throws(() => Extractor.from(declaration, { features: other, config: { limit: 5 } }), {
      code: "OPTIONS_INVALID",
    });
    const again = Extractor.from(declaration, { features, config: { limit: 5 } });
    again.extract(eventOf({ a: 6, b: 3 }), row);
    t.same([...row], [2, 1]);
  },
);

t.test("features: all that is wrong is said at once", async (t) => {
  const wrong: readonly [unknown, RegExp][] = [
    [[], /must not be empty/],
    [[{ path: "body.x" }], /a path begins with msg/],
    [[{ path: "msg.x", encoder: "hash" }], /must say how many buckets/],
    [[{ path: "msg.x", encoder: { kind: "hash", buckets: 1 } }], /buckets must be/],
    [[{ path: "msg.x", encoder: { kind: "one-hot", values: ["a", "a"] } }], /one twice/],
    [[{ path: "msg.x", encoder: { kind: "one-hot", max: 1_025 } }], /max must be/],
    [
      [{ path: "msg.x", encoder: { kind: "hash", buckets: 4_096 } }, { path: "msg.y" }],
      /4097 columns/,
    ],
    [[{ path: "msg.x" }, { path: "msg.y.x" }], /there twice/],
    [{ names: ["a"] }, /values must be a function/],
    [{ names: ["a", "a"], values: () => ({}) }, /there twice/],
    [[{ path: "msg.x", more: 1 }, { path: 3 }], /more is not an option.*path must be/],
  ];
  for (const [features, message] of wrong)
    t.throws(() => Extractor.of(features as Feature[], {}), { code: "OPTIONS_INVALID", message });
});
