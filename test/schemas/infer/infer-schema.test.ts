import fc from "fast-check";
import t from "tap";
import { SchemaInference } from "../../../schemas/infer/infer-schema.js";
import { membersMax } from "../../../schemas/infer/observation.js";
import { distinctMax } from "../../../schemas/infer/string-values.js";
import { SchemaRegistry } from "../../../schemas/registry.js";
import type { JsonSchema } from "../../../schemas/schema-definition.js";
import { realMessages, skipWithoutData } from "../../real-data.js";
import { assertProperty } from "../property.js";

function inferred(bodies: readonly unknown[], options = {}): JsonSchema {
  const inference = new SchemaInference();
  for (const body of bodies) inference.add(body);
  return inference.schema(options);
}

/** The bodies that the schema refuses. */
function refused(schema: JsonSchema, bodies: readonly unknown[]): unknown[] {
  const registry = new SchemaRegistry();
  registry.register({ name: "inferred", version: 1, topics: [], schema });
  const { validate } = registry.named("inferred");
  return bodies.filter((body) => validate(body) !== undefined);
}

t.test(
  "infer: types, required, a few texts, formats and ranges, with what speaks for them",
  async (t) => {
    const bodies = Array.from({ length: 20 }, (_, n) => ({
      id: n,
      total: n / 2 - 1,
      state: n % 4 === 0 ? "new" : "paid",
      at: "2026-01-02T03:04:05Z",
      note: n % 2 === 0 ? null : `text ${n}`,
      ...(n < 5 ? { lines: [{ qty: n + 1 }, { qty: 2, free: true }] } : {}),
    }));
    const schema = inferred(bodies);
    t.match(schema, {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: "in all 20",
      type: "object",
      required: ["id", "total", "state", "at", "note"],
      properties: {
        id: { $comment: "in all 20; 0 to 19", type: "integer", minimum: 0 },
        total: { type: "number", $comment: "in all 20; -1 to 8.5" },
        state: {
          enum: ["new", "paid"],
          $comment: `in all 20; 3 to 4 characters; "paid" 15, "new" 5`,
        },
        at: { type: "string", format: "date-time" },
        note: { type: ["string", "null"], $comment: /10 null/ },
        lines: {
          $comment: "in 5 of 20; 10 items in 5 arrays",
          type: "array",
          items: {
            required: ["qty"],
            properties: {
              qty: { type: "integer" },
              free: { $comment: "in 5 of 10", type: "boolean" },
            },
          },
        },
      },
    });
    t.notHas(schema, { properties: { total: { minimum: -1 } } });
    const strict = inferred(bodies, { ranges: true, closed: true });
    t.match(strict, {
      additionalProperties: false,
      properties: { total: { minimum: -1, maximum: 8.5 }, note: { minLength: 6, maxLength: 7 } },
    });
    t.same(refused(strict, bodies), []);
    t.equal(
      refused(strict, [
        { ...bodies[0], total: 9 },
        { ...bodies[0], more: 1 },
      ]).length,
      2,
    );
  },
);

t.test("infer: what it proposes accepts every body that it has seen", async () => {
  const names = fc.constantFrom("a", "b", "c", "constructor", "a/b~");
  const texts = fc.oneof(
    fc.constantFrom("new", "paid", "", "2020-01-01", "::1", "1.2.3.4", "a@b.cd", "😀😀"),
    fc.string({ unit: "binary" }),
    fc.uuid(),
  );
  const body = fc.letrec<{ body: unknown }>((tie) => ({
    body: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true }), texts),
      fc.array(tie("body"), { maxLength: 4 }),
      fc.dictionary(names, tie("body"), { maxKeys: 4 }),
    ),
  })).body;
  const property = fc.property(fc.array(body, { minLength: 1, maxLength: 12 }), (bodies) => {
    const plain = JSON.parse(JSON.stringify(bodies)) as unknown[];
    for (const options of [{}, { ranges: true, closed: true }])
      if (refused(inferred(plain, options), plain).length > 0) throw new Error("it refuses one");
  });
  assertProperty(property, 60);
});

t.test("infer: holds at its limits, and not one past them", async (t) => {
  const named = (count: number) => [
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n])),
  ];
  t.match(inferred(named(membersMax)), { properties: { m0: {} } });
  const map = inferred(named(membersMax + 1), { closed: true });
  t.match(map, { type: "object", $comment: /too many names/ });
  t.notHas(map, { properties: {}, additionalProperties: false });
  const texts = (count: number) => Array.from({ length: 200 }, (_, n) => `text ${n % count}`);
  t.match(inferred(texts(distinctMax)), { enum: /./ });
  t.notOk("enum" in (inferred(texts(distinctMax + 1)) as object));
});

t.test(
  "infer: real messages give schemas that accept them",
  { skip: skipWithoutData },
  async (t) => {
    const bodies = (await realMessages()).map(({ msg }) => msg);
    t.same(refused(inferred(bodies), bodies), []);
  },
);
