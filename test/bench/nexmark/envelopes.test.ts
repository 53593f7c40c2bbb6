import t from "tap";
import { NexmarkEnvelopes } from "../../../bench/nexmark/generator/envelopes.js";
import { nexmark } from "../../../bench/nexmark/generator/generator.js";
import { type Envelope, EventBuffer, EventGate, SchemaRegistry } from "../../../schemas/index.js";

const options = { numEvents: 200, numEventGenerators: 2 };

function write(): string[] {
  const envelopes = new NexmarkEnvelopes();
  return Array.from(nexmark(options), (event) => envelopes.write(event));
}

t.test("nexmark: an envelope carries the record, and its time in seconds", async (t) => {
  const events = [...nexmark(options)];
  const written = write().map((text) => JSON.parse(text) as Envelope);
  t.same(
    written.map(({ topic, timestamp, msg, i }) => ({ topic, timestamp, msg, i })),
    events.map(({ kind, record }, index) => ({
      topic: `nexmark.${kind}`,
      timestamp: record.dateTime / 1000,
      msg: record,
      i: index + 1,
    })),
  );
});

t.test("nexmark: the same events give the same bytes, with an id each", async (t) => {
  t.same(write(), write());
  const ids = write().map((text) => (JSON.parse(text) as Envelope).msg_id);
  t.equal(new Set(ids).size, options.numEvents);
});

t.test("nexmark: a bus takes every envelope", async (t) => {
  const gate = new EventGate({ registry: new SchemaRegistry() });
  const events = new EventBuffer();
  for (const text of write()) events.event(text);
  const payload = Buffer.alloc(events.size + 1);
  events.copyTo(payload, 0);
  const { refused, topics } = gate.check(payload, Uint32Array.from(events.ends));
  t.same(refused, []);
  t.same(topics.toSorted(), ["nexmark.auction", "nexmark.bid", "nexmark.person"]);
});
