import fc from "fast-check";
import t from "tap";
import { Block } from "../../../bus/index.js";
import { OutputIds } from "../../../consumers/index.js";
import { OutputWriter } from "../../../consumers/runner/output-writer.js";
import { assertProperty } from "../../schemas/property.js";

const by = { consumer: "counter", version: '1.0-ü"\\' };
const ids = new OutputIds(by.consumer);

/** An output: by how much time and offset have moved since the one before it, and what it carries. */
const output = fc.record({
  later: fc.oneof(fc.constant(0), fc.nat({ max: 2_000 }), fc.nat({ max: 2 ** 40 })),
  further: fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 2 ** 45 })),
  group: fc.constantFrom(0, 1, 63, 64, 127),
  topic: fc.constantFrom("a", "some.longer.topic"),
  msg: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })),
  options: fc.oneof(
    fc.constant(undefined),
    fc.record(
      {
        key: fc.string({ unit: "binary" }),
        window: fc.record({ start: fc.integer(), end: fc.integer() }),
        headers: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
  ),
});

interface Place {
  readonly now: number;
  readonly offset: number;
  readonly group: number;
  readonly index: number;
}

/** The envelope as `JSON.stringify` writes it. */
function envelopeOf(output: { topic: string; msg: unknown; options?: object }, place: Place) {
  const { topic, msg, options = {} } = output;
  const { now, offset, group, index } = place;
  const { headers = {}, key, window } = options as Record<string, Record<string, unknown>>;
  const { cause: _, ...own } = headers;
  const range = window && [window.start, window.end];
  return JSON.stringify({
    ...{ topic, msg_id: ids.idOf(now, offset, group, index), timestamp: now / 1000, i: index + 1 },
    headers: { ...own, cause: { ...by, offset, key, window: range } },
    msg,
  });
}

t.test("output head: written over the one before, it is what JSON.stringify writes", async () => {
  assertProperty(
    fc.property(fc.array(output, { minLength: 1, maxLength: 60 }), (outputs) => {
      const writer = new OutputWriter(by, { nextSeq: 0, cause: { offset: -1, counts: { 1: 9 } } });
      const counts = new Map([[1, 9]]);
      let [now, offset] = [0, -1];
      const expected: string[] = [];
      for (const { later, further, ...one } of outputs) {
        now += later;
        offset += further;
        if (further > 0) counts.clear();
        writer.causedBy(offset);
        const index = counts.get(one.group) ?? 0;
        counts.set(one.group, index + 1);
        writer.write(one.group, now, one.topic, one.msg, one.options as object);
        const { topic, msg, options } = one;
        const place = { now, offset, group: one.group, index };
        expected.push(envelopeOf({ topic, msg, ...(options && { options }) }, place));
      }
      const [batch] = writer.take();
      const block = Block.decode(batch!.block);
      const written = expected.map((_, index) => block.bytesOf(index).toString());
      const { cause } = writer;
      return (
        JSON.stringify(written) === JSON.stringify(expected) &&
        cause.offset === offset &&
        JSON.stringify(Object.entries(cause.counts)) ===
          JSON.stringify([...counts].sort(([a], [b]) => a - b).map(([g, n]) => [`${g}`, n]))
      );
    }),
  );
});
