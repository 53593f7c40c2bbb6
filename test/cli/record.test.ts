import t from "tap";
import { decodeRecord, encodeRecord } from "../../cli/archive/record.js";
import { eventOf } from "./event.js";

function withBytes(text: string) {
  const event = eventOf({ topic: "a.b", msg: 1 }, { offset: 3, recordedAt: 5 });
  Object.defineProperty(event, "bytes", { value: Buffer.from(text) });
  return event;
}

t.test("record: the event's bytes stand in it as they are", async (t) => {
  const text = `{ "topic":"a.b",  "msg":{"n":1.0,"é":"\\u00e9 }"} }`;
  const line = encodeRecord(withBytes(text));
  t.equal(line.toString(), `{"offset":3,"recordedAt":5,"event":${text}}\n`);
  const decoded = decodeRecord({ number: 1, bytes: line.subarray(0, -1) });
  t.same(decoded, { offset: 3, recordedAt: 5, bytes: Buffer.from(text) });
});

t.test("record: an event with line breaks travels as text, byte for byte", async (t) => {
  const text = `{\n  "topic": "a.b",\r\n  "msg": "x"\n}`;
  const line = encodeRecord(withBytes(text));
  t.equal(line.toString().split("\n").length, 2, "one line");
  t.same(decodeRecord({ number: 1, bytes: line.subarray(0, -1) }).bytes, Buffer.from(text));
});

t.test("record: anything else is refused with its line", async (t) => {
  for (const text of ["", "{}", `{"topic":"a","msg":1}`, `{"offset":1,"recordedAt":2,"text":1}`])
    t.throws(
      () => decodeRecord({ number: 9, bytes: Buffer.from(text) }),
      { code: "INPUT_INVALID", details: { line: 9 } },
      text,
    );
});
