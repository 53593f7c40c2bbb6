import fc from "fast-check";
import t from "tap";
import { EventBuffer } from "../../schemas/index.js";
import { assertProperty } from "./property.js";

function payloadOf(events: EventBuffer): Buffer {
  events.write();
  const payload = Buffer.alloc(events.size + 1);
  events.copyTo(payload, 0);
  return payload;
}

/** What `[event,event,...]` and the ends must be, made in the plain way. */
function expected(events: readonly (string | Uint8Array)[]) {
  const parts = events.map((event) => (typeof event === "string" ? Buffer.from(event) : event));
  const comma = Buffer.from(",");
  const joined = Buffer.concat(parts.flatMap((part) => [comma, part]));
  joined[0] = 0x5b;
  let end = 0;
  const ends = parts.map((part) => {
    end += 1 + part.length;
    return end;
  });
  return { payload: Buffer.concat([joined, Buffer.from("]")]), ends };
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constant("\ud83d"),
  fc.constant("\udc00"),
  fc.string({ minLength: 2000, maxLength: 9000 }),
);
const event = fc.oneof(
  text.filter((one) => one.length > 0),
  fc.uint8Array({ minLength: 1 }),
);

t.test("event buffer: keeps each event's bytes, however they are written together", async () => {
  const buffer = new EventBuffer();
  assertProperty(
    fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), (events) => {
      for (const one of events) buffer.event(one);
      const { payload, ends } = expected(events);
      const same =
        buffer.count === events.length &&
        payloadOf(buffer).equals(payload) &&
        JSON.stringify(buffer.ends) === JSON.stringify(ends);
      buffer.clear();
      return same && buffer.count === 0 && buffer.size === 0;
    }),
  );
});

t.test(
  "event buffer: writes an envelope's head, its rest and the brace that ends it",
  async (t) => {
    const buffer = new EventBuffer();
    const head = Buffer.from('{"a":"ü","b":');
    const ends: number[] = [];
    for (const rest of ["1", '"€"', `"${"x".repeat(9_000)}"`]) {
      buffer.event("5");
      t.equal(buffer.envelope(head, rest, 20_000), true);
      ends.push(head.length + Buffer.byteLength(rest) + 1);
    }
    const events = JSON.parse(payloadOf(buffer).toString());
    t.same(
      events.map((one: { b: unknown }) => one.b ?? one),
      [5, 1, 5, "€", 5, "x".repeat(9_000)],
    );
    for (const [index, bytes] of ends.entries())
      t.equal(buffer.ends[2 * index + 1]! - buffer.ends[2 * index]! - 1, bytes);
    t.equal(buffer.envelope(head, "üü", head.length + 5), true, "bytes, not characters");
    t.equal(buffer.envelope(head, "üü", head.length + 4), false);
    t.equal(buffer.count, 7);
  },
);

t.test("event buffer: leaves out what has a byte more than allowed", async (t) => {
  for (const make of [(bytes: number) => "x".repeat(bytes), (bytes: number) => Buffer.alloc(bytes)])
    for (const bytesMax of [10, 20_000]) {
      const buffer = new EventBuffer();
      t.equal(buffer.event(make(bytesMax), bytesMax), true);
      t.equal(buffer.event(make(bytesMax + 1), bytesMax), false);
      t.equal(buffer.event("ü".repeat(bytesMax / 2), bytesMax), true, "bytes, not characters");
      t.equal(buffer.event(`x${"ü".repeat(bytesMax / 2)}`, bytesMax), false);
      t.same(buffer.ends, [bytesMax + 1, 2 * (bytesMax + 1)]);
    }
});
