import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import t from "tap";
import { CsvFormat } from "../../../../consumers/sinks/file/csv.js";
import { file } from "../../../../consumers/sinks/file/file.js";
import { assertProperty } from "../../../schemas/property.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { contents } from "./contents.js";

const columns = { a: "/body/a", b: "/body/b" };

t.test("csv: what is written is read back by another library", async () => {
  const format = new CsvFormat(true, false);
  const cell = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(",", '"', "\n", "\r", " ", "a", "'") }),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.jsonValue(), { maxLength: 3 }),
  );
  const bodies = fc.array(fc.record({ a: cell, b: cell }), { minLength: 1, maxLength: 5 });
  assertProperty(
    fc.property(bodies, (list) => {
      const lines = list.map((body, offset) => format.line(delivery(offset, { body }), columns));
      const rows = parse(format.header(columns) + lines.join("")) as string[][];
      const expected = list.map(({ a, b }) => [textOf(a), textOf(b)]);
      return JSON.stringify(rows) === JSON.stringify([["a", "b"], ...expected]);
    }),
    1000,
  );
});

function textOf(value: unknown): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value === 0 ? 0 : value);
}

t.test("csv: an empty text is told apart from no value", async (t) => {
  const format = new CsvFormat(true, true);
  t.equal(format.line(delivery(0, { body: { a: "" } }), columns), '"",\n');
  t.equal(format.line(delivery(0, { body: { b: "" } }), columns), ',""\n');
});

t.test("csv: no cell or name begins a formula", async (t) => {
  const format = new CsvFormat(true, true);
  const line = (a: unknown) => format.line(delivery(0, { body: { a } }), { a: "/body/a" });
  for (const text of ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "=cmd|' /C calc'!A0"])
    t.equal((parse(line(text)) as string[][])[0]![0], `'${text}`);
  t.equal(line(-1.5), "-1.5\n", "a number is no formula");
  t.equal(format.header({ "=x": "/body/x" }), "'=x\n");
  t.equal(
    new CsvFormat(true, false).line(delivery(0, { body: { a: "=1" } }), { a: "/body/a" }),
    "=1\n",
  );
});

t.test("csv: every file has the header, from the first event on", async (t) => {
  const dir = t.testdir();
  for (const [from, to] of [
    [0, 3],
    [3, 6],
  ] as const) {
    await using files = file({ dir, format: "csv", fileBytesMax: 120 });
    await files.deliver(deliveries(from, to), neverAborted);
  }
  const texts = Object.values(await contents(dir));
  t.equal(texts.length, 3);
  for (const text of texts)
    t.match(text, /^offset,timestamp,topic,id,total\n(.*,shop.order.created,.*\n){2}$/);
});

t.test(
  "csv: an event that the first one's columns would cut is refused, and changes nothing",
  async (t) => {
    const dir = t.testdir();
    await using files = file({ dir, format: "csv" });
    await files.deliver(deliveries(0, 2), neverAborted);
    const before = await contents(dir);
    const more = delivery(3, { body: { id: 3, total: 1, "n/w": 1 } });
    await t.rejects(files.deliver([delivery(2), more], neverAborted), {
      code: "DELIVERY_REFUSED",
      details: { offset: 3, extra: ["/body/n~1w"] },
    });
    await t.rejects(files.deliver([delivery(3, { body: 5 })], neverAborted), {
      code: "DELIVERY_REFUSED",
    });
    t.strictSame(await contents(dir), before);
    await files.deliver([delivery(2), delivery(3, { body: { id: 3 } })], neverAborted);
  },
);

t.test("csv: members named as general columns keep apart from them", async (t) => {
  const format = new CsvFormat(false, true);
  const event = delivery(4, { body: { offset: 9, "a/b": 1 } });
  const from = format.columnsFrom(event);
  t.equal(format.header(from), "offset,timestamp,topic,body.offset,a/b\n");
  t.match(format.line(event, from), /^4,\d+,shop.order.created,9,1\n$/);
  t.strictSame(Object.keys(format.columnsFrom(delivery(0, { body: [1] }))).at(-1), "body");
});

t.test("csv: other columns begin the next file", async (t) => {
  const dir = t.testdir();
  const write = async (given: Record<string, string>, from: number) => {
    await using files = file({ dir, format: "csv", columns: given });
    await files.deliver(deliveries(from, from + 1), neverAborted);
  };
  await write({ o: "/offset" }, 0);
  await write({ o: "/offset" }, 1);
  await write({ n: "/offset", id: "/body/id" }, 2);
  t.strictSame(await contents(dir), {
    "events-00000001.csv": "o\n0\n1\n",
    "events-00000002.csv": "n,id\n2,2\n",
  });
  t.match(JSON.parse(await readFile(join(dir, "events.state.json"), "utf8")), { next: 3 });
});
