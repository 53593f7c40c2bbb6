import t from "tap";
import { EventGate, type EventGateOptions } from "../../schemas/gate.js";
import { SchemaRegistry } from "../../schemas/registry.js";
import { blockOf } from "./block-of.js";
import { judge } from "./judge.js";

function orders(): SchemaRegistry {
  const registry = new SchemaRegistry();
  const total = (minimum: number) => ({
    type: "object",
    properties: { total: { type: "number", minimum }, "a/b": { type: "string" } },
  });
  const topics = ["shop.order"];
  registry.register({ name: "order", version: 1, topics, schema: total(-10) });
  registry.register({ name: "order", version: 2, topics, schema: total(0) });
  return registry;
}

const shared = orders();

function check(
  events: readonly (string | Uint8Array)[],
  options: Partial<EventGateOptions> & { readonly may?: boolean } = {},
) {
  const { may, ...rest } = options;
  const gate = new EventGate({ registry: shared, ...rest });
  return judge(gate, blockOf(events), may === undefined ? {} : { allowReserved: may });
}

const good = '{"topic":"a.b","msg":{}}';
const at = (topic: string, msg: string, more = "") => `{"topic":"${topic}","msg":${msg}${more}}`;

t.test("gate: numbers the topics of accepted events", async (t) => {
  const result = check([at("a", "1"), at("b", "2"), "{}", at("a", "3"), at("c", "4")]);
  t.same(result.topics, ["a", "b", "c"]);
  t.same([...result.topicIds], [0, 1, 0, 2]);
  t.same(
    result.envelopes.map((event) => event.msg),
    [1, 2, 3, 4],
  );
  t.same(
    result.refused.map((refusal) => refusal.index),
    [2],
  );
});

t.test("gate: numbers topics afresh in each block, and takes an empty one", async (t) => {
  const gate = new EventGate({ registry: orders() });
  const first = blockOf([at("a", "1"), at("b", "1")]);
  const second = blockOf([at("b", "1")]);
  gate.check(first.payload, first.ends);
  t.same(gate.check(second.payload, second.ends).topics, ["b"]);
  t.same(gate.check(Buffer.from("[]"), new Uint32Array(0)).topics, []);
});

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const latin = Buffer.from(at("a", '"\u00e9"'), "latin1");
const refusals: readonly (readonly [string, string | Uint8Array, string, object])[] = [
  ["text that is not JSON", '{"topic":x}', "JSON_INVALID", { position: 9 }],
  ["nothing", "", "JSON_INVALID", {}],
  ["two values", "{} {}", "JSON_INVALID", { position: 3 }],
  ["a byte order mark", `\ufeff${good}`, "JSON_INVALID", { position: 0 }],
  ["bytes that are not UTF-8", latin, "JSON_NOT_UTF8", {}],
  ["a surrogate as bytes", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "JSON_NOT_UTF8", {}],
  ["nesting past the limit", at("a", nested(32)), "JSON_TOO_DEEP", {}],
  ["nesting of 100,000", at("a", nested(100_000)), "JSON_TOO_DEEP", {}],
  ["a key twice", at("a", '{"k":1,"k":1}'), "JSON_DUPLICATE_KEY", { pointer: "/msg/k" }],
  ["a key twice, escaped", at("a", '{"a":1,"\\u0061":1}'), "JSON_DUPLICATE_KEY", { key: "a" }],
  ["the topic twice", `{"topic":"x",${good.slice(1)}`, "JSON_DUPLICATE_KEY", { key: "topic" }],
  ["__proto__", at("a", '{"__proto__":{"x":1}}'), "JSON_FORBIDDEN_KEY", {}],
  ["__proto__, escaped", at("a", '{"\\u005f_proto__":1}'), "JSON_FORBIDDEN_KEY", {}],
  ["constructor", at("a", '{"constructor":{"prototype":1}}'), "JSON_FORBIDDEN_KEY", {}],
  ["1e400", at("a", "[1e400]"), "JSON_NUMBER_UNSAFE", { pointer: "/msg/0" }],
  ["2^53 + 1", at("a", "9007199254740993"), "JSON_NUMBER_UNSAFE", { pointer: "/msg" }],
  ["an array", "[]", "EVENT_INVALID", { pointer: "" }],
  ["null", "null", "EVENT_INVALID", { pointer: "" }],
  ["no topic", '{"msg":1}', "EVENT_INVALID", { pointer: "/topic" }],
  ["no msg", '{"topic":"a"}', "EVENT_INVALID", { pointer: "/msg", topic: "a" }],
  ["a wrong msg_id", at("a", "1", ',"msg_id":1'), "EVENT_INVALID", { pointer: "/msg_id" }],
  ["a wrong timestamp", at("a", "1", ',"timestamp":"x"'), "EVENT_INVALID", {}],
  ["a wrong i", at("a", "1", ',"i":1.5'), "EVENT_INVALID", { pointer: "/i" }],
  ["wrong headers", at("a", "1", ',"headers":[]'), "EVENT_INVALID", { pointer: "/headers" }],
  ["a wrong username", at("a", "1", ',"username":1'), "EVENT_INVALID", { pointer: "/username" }],
  ["a topic outside the grammar", at("a b", "1"), "TOPIC_INVALID", { topic: "a b", position: 1 }],
  ["the bus's own topic", at("fedbus.x", "1"), "TOPIC_RESERVED", { topic: "fedbus.x" }],
  [
    "an unknown schema",
    at("a", "1", ',"headers":{"schema":"nope"}'),
    "SCHEMA_UNKNOWN",
    { topic: "a", schema: "nope" },
  ],
  [
    "an unknown version",
    at("a", "1", ',"headers":{"schema":"order@9"}'),
    "SCHEMA_VERSION_UNKNOWN",
    { schema: "order", version: "9" },
  ],
  [
    "a body that its schema does not want",
    at("shop.order", '{"total":-1}'),
    "SCHEMA_VIOLATION",
    {
      topic: "shop.order",
      schema: "order",
      version: 2,
      pointer: "/msg/total",
      expected: "must be >= 0",
      keyword: "minimum",
    },
  ],
];

for (const [what, event, code, details] of refusals)
  t.test(`gate: refuses ${what}, and its neighbours pass`, async (t) => {
    const result = check([good, event, good]);
    const expected = Object.keys(details).length === 0 ? { code } : { code, details };
    t.match(result.refused, [{ index: 1, ...expected }]);
    t.equal(result.refused.length, 1);
    t.equal(result.envelopes.length, 2);
    t.match(check([event]).refused, [{ index: 0, code }]);
  });

t.test("gate: says in one line what is wrong", async (t) => {
  const [refusal] = check([at("shop.order", '{"total":-1}')]).refused;
  t.equal(refusal?.message, "/msg/total must be >= 0 (schema order version 2)");
  const [escaped] = check([at("shop.order", '{"a/b":1}')]).refused;
  t.match(escaped, { details: { pointer: "/msg/a~1b" } });
});

t.test("gate: accepts what is unusual and sound", async (t) => {
  const events = [
    at("a", '"\\ud800"'),
    at("a", "1e300"),
    at("a", nested(31)),
    at("a", '{"constructor":"x"}'),
    at("a", '"[{,:\\"}]\\\\"'),
    at("a", "9007199254740991"),
    ` { "topic" : "a" , "msg" : null } `,
    at("a", "1", ',"username":null,"headers":null,"signature":null,"unknown":[]'),
    at("a", "1", ',"headers":{"schema":7}'),
  ];
  t.same(check(events).refused, []);
});

t.test("gate: holds an event at the limit of size, and not one past it", async (t) => {
  const event = at("a", '"xxxx"');
  const limits = { eventBytesMax: event.length };
  t.same(check([event, good], { limits }).refused, []);
  const larger = at("a", '"xxxxx"');
  t.match(check([larger, event], { limits }).refused, [{ index: 0, code: "EVENT_TOO_LARGE" }]);
  t.match(check([event, larger], { limits }).refused, [{ index: 1, code: "EVENT_TOO_LARGE" }]);
});

t.test("gate: lets the bus itself use its topics", async (t) => {
  const event = at("fedbus.x", "1");
  t.same(check([event], { may: true }).refused, []);
  t.same(check([event], { allowReserved: true }).refused, []);
  t.match(check([event], { allowReserved: true, may: false }).refused, [{ index: 0 }]);
});

t.test("gate: refuses topics without a schema when told to", async (t) => {
  const named = at("a", '{"total":-5}', ',"headers":{"schema":"order@1"}');
  const result = check([good, at("shop.order", "{}"), named], { unknownTopics: "refuse" });
  t.match(result.refused, [{ index: 0, code: "SCHEMA_REQUIRED", details: { topic: "a.b" } }]);
  t.equal(result.refused.length, 1);
});

t.test("gate: uses a new schema from the next block on", async (t) => {
  const registry = orders();
  const gate = new EventGate({ registry });
  const { payload, ends } = blockOf([at("shop.order", "{}")]);
  t.same(gate.check(payload, ends).refused, []);
  registry.register({ name: "order", version: 3, topics: ["shop.order"], schema: false });
  t.match(gate.check(payload, ends).refused, [{ code: "SCHEMA_VIOLATION" }]);
});
