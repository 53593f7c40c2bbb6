import t from "tap";
import { completeConfig, configOptions, consumer } from "../../../consumers/index.js";
import { isFedbusError } from "../../../schemas/index.js";

const config = {
  type: "object",
  additionalProperties: false,
  required: ["url"],
  properties: {
    url: { type: "string", description: "Where to post" },
    limit: { type: "integer", minimum: 1, default: 10 },
    mode: { enum: ["fast", "safe"], default: "safe" },
    window: {
      type: "object",
      required: ["sizeMs"],
      properties: {
        sizeMs: { type: "number", default: 60_000, description: "How long it is" },
        late: { type: "object", properties: { topic: { type: "string", default: "late" } } },
      },
    },
    login: {
      type: "object",
      required: ["user"],
      properties: { user: { type: "string" }, port: { type: "integer", default: 1 } },
    },
    tags: { type: "array", items: { type: "string" } },
  },
} as const;
const plugin = { name: "example", config };

t.test("config: defaults are filled in, also in objects that were not given", async (t) => {
  const given = { url: "x", window: { late: {} } };
  t.same(completeConfig(plugin, given), {
    url: "x",
    limit: 10,
    mode: "safe",
    window: { sizeMs: 60_000, late: { topic: "late" } },
  });
  t.same(given, { url: "x", window: { late: {} } }, "what was given is not changed");
  t.match(completeConfig(plugin, { url: "x" }), {
    window: { sizeMs: 60_000, late: { topic: "late" } },
  });
  t.notOk(
    "login" in completeConfig<object>(plugin, { url: "x" }),
    "an object that needs more than its defaults is not made up",
  );
  t.match(completeConfig(plugin, { url: "x", login: { user: "a" } }), { login: { port: 1 } });
  t.same(completeConfig({ name: "none", config: { type: "object" } }), {});
});

t.test("config: every problem is told, with its place and what to do", async (t) => {
  try {
    completeConfig(plugin, { limit: 0, mode: "odd", widnow: 1, tags: ["a", 2] });
    t.fail("must throw");
  } catch (error) {
    if (!isFedbusError(error, "OPTIONS_INVALID")) throw error;
    const problems = error.details.problems as { pointer: string; remedy: string }[];
    const byPointer = Object.fromEntries(problems.map((one) => [one.pointer, one]));
    t.same(Object.keys(byPointer).sort(), ["", "/limit", "/mode", "/tags/1", "/widnow"]);
    t.match(byPointer[""], {
      expected: 'must have "url"',
      remedy: "give url (string: Where to post)",
    });
    t.match(byPointer["/limit"], { expected: "must be >= 1", remedy: "change limit (integer)" });
    t.match(byPointer["/mode"], { expected: 'must be one of "fast", "safe"' });
    t.match(byPointer["/widnow"], { remedy: 'did you mean "window"?' });
    t.match(byPointer["/tags/1"], { remedy: "change tags.1 (string)" });
    t.match(error.message, /config of example: .*\/limit must be >= 1/);
    t.match(error.message, /there is no setting "widnow"/);
  }
});

t.test("config: a plugin without options takes an empty object only", async (t) => {
  const plain = consumer({ name: "plain", topics: ["a"], handle() {} });
  t.same(completeConfig(plain), {});
  t.same(completeConfig(plain, {}), {});
  for (const wrong of [[], null, 1, "", { a: 1 }])
    t.throws(
      () => completeConfig(plain, wrong),
      { code: "OPTIONS_INVALID" },
      JSON.stringify(wrong),
    );
});

t.test("config: a schema that lists properties takes no others, unless it says so", async (t) => {
  const properties = { limit: { type: "number" }, window: { properties: { ms: {} } } };
  const take = (more: object, given: object) =>
    completeConfig({ name: "visits", config: { properties, ...more } }, given);
  t.throws(() => take({}, { limitt: 5 }), {
    code: "OPTIONS_INVALID",
    message: 'config of visits: there is no setting "limitt"',
    details: { remedy: 'did you mean "limit"?' },
  });
  t.throws(() => take({}, { colour: 5 }), {
    code: "OPTIONS_INVALID",
    details: { remedy: "leave out colour: options are limit, window" },
  });
  t.same(take({}, { limit: 5, window: { any: 1 } }), { limit: 5, window: { any: 1 } });
  for (const open of [
    { additionalProperties: true },
    { additionalProperties: { type: "number" } },
    { patternProperties: { "^lim": {} } },
    { allOf: [{ properties: { limitt: {} } }] },
  ])
    t.same(take(open, { limitt: 5 }), { limitt: 5 }, JSON.stringify(open));
});

t.test("config: what cannot be JSON, and a schema that is none, are told as such", async (t) => {
  const round: Record<string, unknown> = {};
  round.self = round;
  t.throws(() => completeConfig(plugin, round), { code: "OPTIONS_INVALID" });
  t.throws(() => completeConfig(plugin, 5), { code: "OPTIONS_INVALID" });
  const broken = { name: "broken", config: { type: "objekt" } };
  t.throws(() => completeConfig(broken), { code: "PLUGIN_INVALID", message: /broken/ });
});

t.test("config: a probe with the schema changes no default of the next", async (t) => {
  const list = { type: "object", properties: { list: { type: "array", default: [] } } };
  const first = completeConfig<{ list: number[] }>({ name: "list", config: list });
  first.list.push(1);
  t.same(completeConfig({ name: "list", config: list }), { list: [] });
});

t.test("config: its options are listed for help", async (t) => {
  const options = configOptions(config);
  t.same(
    options.map(({ name, type, default: value, required }) => [name, type, value, required]),
    [
      ["url", "string", undefined, true],
      ["limit", "integer", 10, false],
      ["mode", 'one of "fast", "safe"', "safe", false],
      ["window.sizeMs", "number", 60_000, false],
      ["window.late.topic", "string", "late", false],
      ["login.user", "string", undefined, false],
      ["login.port", "integer", 1, false],
      ["tags", "list of string", undefined, false],
    ],
  );
  t.equal(options[0]?.description, "Where to post");
});
