import t from "tap";
import { compareSchemas } from "../../../schemas/compatibility/compare.js";
import type { Compatibility } from "../../../schemas/compatibility/difference.js";
import type { JsonSchema } from "../../../schemas/schema-definition.js";

function messages(before: JsonSchema, after: JsonSchema, mode?: Compatibility): string[] {
  return compareSchemas(before, after, mode).map(({ message }) => message);
}

const order = {
  type: "object",
  properties: {
    id: { type: "integer", minimum: 1 },
    amount: { type: "number" },
    state: { enum: ["new", "paid"] },
    lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
  },
  required: ["id"],
};

function changedOrder(change: (copy: typeof order & Record<string, unknown>) => void): JsonSchema {
  const copy = structuredClone(order);
  change(copy);
  return copy;
}

t.test("compatibility: says in words what a new version refuses", async (t) => {
  const cases: readonly [JsonSchema, readonly string[]][] = [
    [order, []],
    [true, []],
    [
      changedOrder((copy) => copy.required.push("amount")),
      ["/amount: was optional, now required: events without it are refused"],
    ],
    [
      changedOrder((copy) => Object.assign(copy, { additionalProperties: false })),
      ["/*: was allowed, now not allowed: events with members that are not listed are refused"],
    ],
    [
      changedOrder((copy) => Object.assign(copy.properties, { state: { enum: ["paid", "sent"] } })),
      [
        `/state: was one of "new", "paid", now one of "paid", "sent": events with "new" are refused`,
      ],
    ],
    [
      changedOrder((copy) => Object.assign(copy.properties.id, { minimum: 10 })),
      ["/id: was at least 1, now at least 10: events with less are refused"],
    ],
    [
      changedOrder((copy) => Object.assign(copy.properties.amount, { type: "integer" })),
      ["/amount: was a number, now an integer: events with a fraction are refused"],
    ],
    [
      changedOrder((copy) =>
        Object.assign(copy.properties.lines.items.properties.sku, { maxLength: 8 }),
      ),
      [
        "/lines/*/sku: was without a greatest length, now at most 8 characters: events with more characters are refused",
      ],
    ],
  ];
  for (const [after, expected] of cases) t.same(messages(order, after), expected);
});

t.test("compatibility: sees through references, allOf, alternatives and drafts", async (t) => {
  const cases: readonly [JsonSchema, JsonSchema][] = [
    [{ type: "string" }, { type: ["string", "null"] }],
    [{ type: "string" }, { anyOf: [{ type: "string" }, { type: "null" }] }],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, { type: ["string", "null"] }],
    [{ type: ["string", "null"] }, { oneOf: [{ type: "null" }, { type: "string" }] }],
    [{ $ref: "#/$defs/a", $defs: { a: { const: 1 } } }, { type: "integer" }],
    [{ allOf: [{ minimum: 3 }, { type: "integer" }] }, { type: "number", exclusiveMinimum: 2 }],
    [
      { $schema: "http://json-schema.org/draft-04/schema#", minimum: 2, exclusiveMinimum: true },
      { exclusiveMinimum: 2 },
    ],
    [{ enum: ["a", "b", 1] }, { enum: [1, "b", "a", "c"] }],
    [{ type: "boolean" }, { enum: [true, false] }],
    [{ const: "2020-01-01" }, { type: "string", format: "date", pattern: "^2" }],
    [
      { $defs: { n: { properties: { next: { $ref: "#/$defs/n" } } } }, $ref: "#/$defs/n" },
      { $defs: { m: { properties: { next: { $ref: "#/$defs/m" } } } }, $ref: "#/$defs/m" },
    ],
    [
      { properties: { kind: { const: "a" } }, required: ["kind"], type: "object" },
      {
        oneOf: ["a", "b"].map((kind) => ({
          type: "object",
          properties: { kind: { const: kind } },
          required: ["kind"],
        })),
      },
    ],
    [
      { if: { type: "string" }, else: { maxLength: 1 } },
      { if: { type: "string" }, else: { maxLength: 1 } },
    ],
    [
      { items: [{ type: "string" }], $schema: "http://json-schema.org/draft-07/schema#" },
      { prefixItems: [{ type: "string" }] },
    ],
  ];
  for (const [before, after] of cases)
    t.same(messages(before, after), [], JSON.stringify([before, after]));
});

t.test("compatibility: tells what it cannot tell", async (t) => {
  const cases: readonly [JsonSchema, JsonSchema, string][] = [
    [{ type: "string", pattern: "^a" }, { type: "string", pattern: "^(a|b)" }, "pattern"],
    [{ type: "object" }, { type: "object", not: { required: ["a"] } }, "not"],
    [{ type: "object" }, { dependentRequired: { a: ["b"] } }, "dependentRequired"],
    [{}, { $ref: "https://example.org/elsewhere" }, "$ref"],
  ];
  for (const [before, after, keyword] of cases) {
    const [difference] = compareSchemas(before, after);
    t.match(difference, { keyword, certain: false, message: /it cannot be told whether/ });
  }
  const [known] = compareSchemas({ type: "string" }, { type: "string", pattern: "^a" });
  t.match(known, { keyword: "pattern", certain: true }, "a body that shows it is enough");
});

t.test("compatibility: looks the way that is asked for", async (t) => {
  const wider = changedOrder((copy) => copy.required.pop());
  t.same(messages(order, wider, "backward"), []);
  t.same(messages(order, wider, "forward"), [
    "/id: was required, now optional: the version before refuses events without it",
  ]);
  t.equal(messages(order, wider, "full").length, 1);
  t.same(messages(wider, order, "none"), []);
  t.match(compareSchemas(wider, order, "full"), [
    { direction: "backward", pointer: "/id", was: "optional", now: "required", certain: true },
  ]);
});

t.test("compatibility: ends on schemas that refer to themselves in many ways", async (t) => {
  const nested = (pattern: string, depth: number): JsonSchema =>
    depth === 0
      ? { type: "string", pattern }
      : { anyOf: Array.from({ length: 4 }, () => nested(pattern, depth - 1)) };
  t.ok(compareSchemas(nested("a", 4), { anyOf: [nested("b", 3), { type: "null" }] }).length > 0);
  const self = { $defs: { a: { anyOf: [{ type: "null" }, { $ref: "#/$defs/a" }] } } };
  t.match(compareSchemas({}, { ...self, $ref: "#/$defs/a" }), [{}]);
});
