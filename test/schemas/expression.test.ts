import t from "tap";
import { Filter } from "../../schemas/expression/filter.js";
import { eventOf } from "../cli/event.js";

const order = eventOf({
  topic: "org.example.dev.shop.order.created",
  msg: { user: "ralph", amount: 12.5, count: 6, tags: ["a", "b"], items: [{ sku: "x-1", n: 2 }] },
  headers: { trace: "t1" },
  timestamp: 1_699_999_999.5,
});

const accepted = [
  `msg.user == "ralph"`,
  `topic.startsWith("org.example.") && msg.amount > 10`,
  `msg.amount * 2 == 25.0 && msg.count % 4 == 2 && msg.count + 1 == 7`,
  `offset == 7 && timestamp < 1700000000`,
  `recorded_at > timestamp("2023-01-01T00:00:00Z")`,
  `headers.trace == "t1" && msg_id == null`,
  `"a" in msg.tags && size(msg.items) == 1`,
  `msg.items.exists(item, item.sku.matches("^x-[0-9]+$") && item.n > 1)`,
  `msg.missing == 1 || msg.count == 6`,
  `has(msg.user) && !has(msg.nothing)`,
  `msg.user.matches("^(a+)+$") || true`,
];

const refused = [
  `msg.user == "lmacken"`,
  `msg.missing == 1`,
  `!(msg.missing == 1)`,
  `msg.user > 5`,
  `msg.items.sku == "x"`,
  `msg.constructor == 1`,
  `msg.__proto__ == 1`,
  `has(msg.toString)`,
  `msg.user`,
];

t.test("expression: what it accepts and refuses", async (t) => {
  for (const text of accepted) t.equal(new Filter(text).test(order), true, text);
  for (const text of refused) t.equal(new Filter(text).test(order), false, text);
});

t.test("expression: bodies that are no objects make it false", async (t) => {
  for (const msg of [null, "text", 5, [1], true])
    t.equal(new Filter(`msg.user == "ralph"`).test(eventOf({ topic: "a.b", msg })), false);
});

const invalid: readonly (readonly [text: string, position: number, problem: RegExp])[] = [
  ["", 0, /EOF/],
  ["msg.a ==", 8, /EOF/],
  ["msg.a == 'x", 9, /Unterminated/],
  ["user == 1", 0, /Unknown variable: user/],
  ["topic + 1 == 2", 0, /overload/],
  ["topic.foo()", 0, /foo/],
  ["1 + 2", 0, /gives a int/],
  [`topic.matches("(")`, 6, /cannot be matched/],
  [`topic.matches("(a)\\\\1")`, 6, /linear time/],
  ["topic.matches(msg.pattern)", 14, /pattern in quotes/],
  ["msg.a.exists(x, x.exists(y, y == 1))", 16, /inside another/],
  ["cel.bind(x, topic + topic, x == topic)", 0, /bind/],
  [
    "[1].all(a, true) && [1].all(b, true) && [1].all(c, true) && [1].all(d, true) && [1].all(e, true)",
    80,
    /more than 4/,
  ],
];

t.test("expression: errors say what and where", async (t) => {
  for (const [text, position, problem] of invalid)
    t.throws(
      () => new Filter(text),
      { code: "EXPRESSION_INVALID", details: { position, problem, remedy: String } },
      text,
    );
});

t.test("expression: size and depth are limited", async (t) => {
  const long = `topic == "${"x".repeat(5_000)}"`;
  const wide = Array.from({ length: 300 }, () => "offset == 1").join(" || ");
  const deep = `${"(".repeat(100)}true${")".repeat(100)}`;
  for (const text of [long, wide, deep])
    t.throws(() => new Filter(text), { code: "EXPRESSION_INVALID" }, text.slice(0, 30));
});

t.test("expression: patterns that take a regular expression for ever take no time", async (t) => {
  const filter = new Filter(`msg.text.matches("^(a+)+$")`);
  const event = eventOf({ topic: "a.b", msg: { text: `${"a".repeat(50_000)}!` } });
  const startedMs = performance.now();
  t.equal(filter.test(event), false);
  t.ok(performance.now() - startedMs < 1_000, "within a second");
});

t.test("expression: comprehensions look only at events of a bounded size", async (t) => {
  const filter = new Filter("msg.a.exists(x, x in msg.b)");
  const list = (from: number) => Array.from({ length: 30_000 }, (_, index) => from + index);
  const startedMs = performance.now();
  t.equal(filter.test(eventOf({ topic: "a.b", msg: { a: list(0), b: list(1e6) } })), false);
  t.equal(filter.test(eventOf({ topic: "a.b", msg: { a: [1], b: [1] } })), true);
  t.equal(filter.tooLarge, 1);
  t.ok(performance.now() - startedMs < 1_000, "within a second");
});
