import { Readable } from "node:stream";
import fc from "fast-check";
import t from "tap";
import { readRecords } from "../../cli/archive/json-records.js";
import { assertProperty } from "../schemas/property.js";

/** The records in `text` when it comes in chunks of so many bytes. */
async function recordsOf(text: string, chunkBytes: number): Promise<string[]> {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    chunks.push(bytes.subarray(at, at + chunkBytes));
  const records: string[] = [];
  for await (const batch of readRecords(Readable.from(chunks)))
    for (const { number, bytes: record } of batch) {
      t.equal(number, records.length + 1);
      records.push(record.toString());
    }
  return records;
}

const record = '{"a":"}]{[\\"","b":[{"c":[]},1.0],"raw_messages_":[1]}';

t.test("records: of an array, of pages, and of objects alone, however they are cut", async (t) => {
  const other = '{"topic":"x\\\\","raw":[]}';
  const page = `{"arguments":{"x":[1,{"raw_messages":[2]}]},"count":2,"raw_messages" : [${record}, ${other}],"total":3,"b":[{}]}`;
  const texts = [
    `[${record},${other}]`,
    ` [\n  ${record} ,\n  ${other}\n]\n`,
    `${record}\n${other}\r\n`,
    page,
    `${page}\n`,
  ];
  for (const text of texts)
    for (const bytes of [1, 2, 7, 1000])
      t.strictSame(await recordsOf(text, bytes), [record, other]);
  t.strictSame(await recordsOf(`${page}\n${page}[${other}]`, 3), [
    record,
    other,
    record,
    other,
    other,
  ]);
  for (const none of ["", "[]", ' {"raw_messages":[]} ', "\n\n"])
    t.strictSame(await recordsOf(none, 1), []);
});

t.test("records: whatever they hold, they come out as they went in", async () => {
  const texts: [string, string[]][] = [];
  assertProperty(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), (values) => {
      const records = values.map((value) => JSON.stringify(value));
      texts.push([`[${records.join(",")}]`, records]);
    }),
    50,
  );
  for (const [text, records] of texts) t.strictSame(await recordsOf(text, 5), records);
});

t.test("records: brackets that do not fit are told", async (t) => {
  for (const text of ["[{", '{"a":"', "]", '[{"a":1}]]'])
    await t.rejects(recordsOf(text, 2), { code: "INPUT_INVALID" }, text);
});

t.test("records: a file of anything else is told, with what is expected", async (t) => {
  for (const text of [
    "plain text\n",
    '"a"',
    "[1, 2]",
    '["a"]',
    `{"raw_messages":[1]}`,
    `[${record},3]`,
  ])
    for (const bytes of [1, 1000])
      await t.rejects(
        recordsOf(text, bytes),
        { code: "INPUT_INVALID", details: { remedy: /raw_messages/ } },
        text,
      );
});

t.test("records: what stands before a bracket is not read again at each", async (t) => {
  const text = `{${'"a":[],'.repeat(20_000)}"raw_messages" :\n [${record}]}`;
  let bytesRead = 0;
  const decode = Buffer.prototype.toString;
  t.teardown(() => {
    Buffer.prototype.toString = decode;
  });
  Buffer.prototype.toString = function (...how: Parameters<typeof decode>) {
    bytesRead += this.length;
    return decode.apply(this, how);
  };
  t.strictSame(await recordsOf(text, 65_536), [record]);
  t.ok(bytesRead < 20 * text.length, `${bytesRead} bytes of ${text.length}`);
});
