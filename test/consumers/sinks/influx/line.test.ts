import fc from "fast-check";
import t from "tap";
import {
  encodeLine,
  type FieldValue,
  type Point,
} from "../../../../consumers/sinks/influx/line.js";
import { isFedbusError } from "../../../../schemas/errors.js";
import { assertProperty } from "../../../schemas/property.js";
import { parseLines } from "./parse-lines.js";

function point(changes: Partial<Point> = {}): Point {
  return {
    measurement: "m",
    tags: new Map(),
    fields: new Map([["f", { type: "float", value: 1 }]]),
    timestamp: 1n,
    ...changes,
  };
}

function tagged(value: string): Point {
  return point({ tags: new Map([["t", value]]) });
}

function field(value: FieldValue): string {
  return encodeLine(point({ fields: new Map([["f", value]]) }));
}

t.test("line protocol: the reference's own examples", async (t) => {
  const tags = new Map([
    ["tag2", "val 2"],
    ["tag1", "v,a=l1"],
  ]);
  const fields = new Map<string, FieldValue>([
    ["field1", { type: "text", value: 'v"1\\' }],
    ["field 2", { type: "integer", value: 1 }],
  ]);
  t.equal(
    encodeLine({ measurement: "my Measure,ment=", tags, fields, timestamp: 1556813561098000000n }),
    'my\\ Measure\\,ment=,tag1=v\\,a\\=l1,tag2=val\\ 2 field1="v\\"1\\\\",field\\ 2=1i 1556813561098000000',
  );
});

t.test("line protocol: each type of field", async (t) => {
  t.equal(field({ type: "float", value: 5 }), "m f=5 1");
  t.equal(field({ type: "float", value: -1.5e-9 }), "m f=-1.5e-9 1");
  t.equal(field({ type: "float", value: 1e21 }), "m f=1e+21 1");
  t.equal(field({ type: "integer", value: -5 }), "m f=-5i 1");
  t.equal(field({ type: "integer", value: 2n ** 63n - 1n }), "m f=9223372036854775807i 1");
  t.equal(field({ type: "unsigned", value: 2n ** 64n - 1n }), "m f=18446744073709551615u 1");
  t.equal(field({ type: "boolean", value: false }), "m f=false 1");
  t.equal(field({ type: "text", value: "" }), 'm f="" 1');
  t.equal(field({ type: "text", value: "a\nb" }), 'm f="a\nb" 1');
});

t.test("line protocol: what no line can say is refused", async (t) => {
  const refused = (made: Point, what: string) =>
    t.throws(() => encodeLine(made), { code: "DELIVERY_REFUSED" }, what);
  for (const text of [
    "a\nb",
    "a\rb",
    "a\tb",
    "\u0000",
    "a\\",
    "a\\,b",
    "a\\ b",
    "a\\=b",
    "a\\\\b",
  ]) {
    refused(tagged(text), `tag ${JSON.stringify(text)}`);
    refused(point({ measurement: text }), `measurement ${JSON.stringify(text)}`);
    refused(point({ tags: new Map([[text, "x"]]) }), `key ${JSON.stringify(text)}`);
  }
  refused(point({ measurement: "" }), "no measurement");
  refused(point({ measurement: "#x" }), "comment");
  refused(point({ fields: new Map() }), "no fields");
  refused(point({ timestamp: 2n ** 63n }), "timestamp");
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
    t.throws(() => field({ type: "float", value }), { code: "DELIVERY_REFUSED" });
  for (const value of [1.5, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n])
    t.throws(() => field({ type: "integer", value }), { code: "DELIVERY_REFUSED" });
  t.throws(() => field({ type: "unsigned", value: -1 }), { code: "DELIVERY_REFUSED" });
  t.equal(encodeLine(tagged("")), "m f=1 1", "an empty tag is left out");
});

t.test("line protocol: what is encoded is read back the same, or refused", async () => {
  const hard = fc.string({
    unit: fc.constantFrom(",", "=", " ", '"', "\\", "a", "#", "\n", "é", "😀"),
  });
  const text = fc.oneof(hard, fc.string({ unit: "binary" }));
  const value: fc.Arbitrary<FieldValue> = fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((v) => ({ type: "float" as const, value: v })),
    fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .map((v) => ({ type: "integer" as const, value: v })),
    fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map((v) => ({ type: "unsigned" as const, value: v })),
    text.map((v) => ({ type: "text" as const, value: v })),
    fc.boolean().map((v) => ({ type: "boolean" as const, value: v })),
  );
  const points = fc.array(
    fc.record({
      measurement: text,
      tags: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
      fields: fc.dictionary(text, value, { maxKeys: 3, noNullPrototype: true }),
      timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
    { minLength: 1, maxLength: 3 },
  );
  let sent = 0;
  assertProperty(
    fc.property(points, (list) => {
      const sendable = list.flatMap(({ tags, fields, ...rest }) => {
        const made = {
          ...rest,
          tags: new Map(Object.entries(tags)),
          fields: new Map(Object.entries(fields)),
        };
        try {
          return [{ made, line: encodeLine(made) }];
        } catch (error) {
          if (!isFedbusError(error, "DELIVERY_REFUSED")) throw error;
          return [];
        }
      });
      if (sendable.length === 0) return;
      sent += sendable.length;
      const parsed = parseLines(sendable.map(({ line }) => line).join("\n"));
      const expected = sendable.map(({ made }) => ({
        measurement: made.measurement,
        tags: [...made.tags].filter(([, tag]) => tag !== "").sort(),
        fields: [...made.fields].map(([key, { value: v }]) => [key, v === 0 ? 0 : v]),
        timestamp: made.timestamp,
      }));
      const found = parsed.map((one) => ({
        ...one,
        tags: Object.entries(one.tags).sort(),
        fields: Object.entries(one.fields),
      }));
      const json = (of: unknown) =>
        JSON.stringify(of, (_key, v) => (typeof v === "bigint" ? `${v}n` : v));
      const same = (a: typeof found, b: typeof expected) =>
        json(a.map((one) => ({ ...one, fields: [...one.fields].sort() }))) ===
        json(b.map((one) => ({ ...one, fields: [...one.fields].sort() })));
      if (!same(found, expected)) throw new Error(`${json(found)}\n${json(expected)}`);
    }),
    3000,
  );
  if (sent < 300) throw new Error(`only ${sent} points could be sent`);
});
