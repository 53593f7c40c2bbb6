import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { canonicalJson } from "../../schemas/canonical-json.js";
import { type CloudEvent, fromCloudEvent, toCloudEvent } from "../../schemas/cloud-event.js";
import { EnvelopeWriter } from "../../schemas/envelope.js";
import { realMessages, skipWithoutData } from "../real-data.js";

/** What is used of the official SDK. */
interface Sdk {
  readonly CloudEvent: new (event: object) => { validate(): boolean; toJSON(): object };
  readonly HTTP: {
    structured(event: object): { readonly headers: object; readonly body: string };
    toEvent(message: object): { toJSON(): object };
  };
}

const name: string = "cloudevents";
const sdkFolder = fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url));
const skip = existsSync(sdkFolder) ? false : "the SDK of CloudEvents is not installed";
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const foreign: readonly CloudEvent[] = [
  {
    specversion: "1.0",
    id: "A234-1234-1234",
    source: "https://github.com/cloudevents",
    type: "com.github.pull_request.opened",
    subject: "123",
    time: "2018-04-05T17:31:00.123456Z",
    comexampleextension1: "value",
    comexampleothervalue: 5,
    datacontenttype: "application/json",
    data: { a: [1, 2.5, null] },
  },
  { specversion: "1.0", id: "1", source: "/a", type: "none" },
  { specversion: "1.0", id: "1", source: "/a", type: "null", data: null },
  {
    specversion: "1.0",
    id: "1",
    source: "/a",
    type: "bytes",
    datacontenttype: "image/png",
    data_base64: "iVBORw0KGgo=",
  },
];

t.test("cloudevents: an event goes out, and comes back the same", async (t) => {
  const writer = new EnvelopeWriter({ username: "ann", sourceName: "shop/1" });
  const envelope = JSON.parse(writer.write("shop.order", { id: 1 }, { schema: "order@2" }));
  const out = toCloudEvent(envelope, { offset: 7, recordedAt: 1_700_000_000_000 });
  t.match(out, {
    specversion: "1.0",
    id: envelope.msg_id,
    source: "/fedbus/shop%2F1",
    type: "shop.order",
    datacontenttype: "application/json",
    fedbusoffset: "7",
    fedbusrecorded: "2023-11-14T22:13:20.000Z",
    data: { id: 1 },
  });
  t.strictSame(fromCloudEvent(plain(out)), envelope);
  t.match(toCloudEvent({ topic: "a", msg: null }, { offset: 3, recordedAt: 0 }), {
    id: "offset-3",
  });
});

t.test("cloudevents: one of others comes in, is stored, and goes out the same", async (t) => {
  await using bus = await openBus();
  await using publisher = bus.publisher();
  const envelopes = foreign.map((event) => JSON.stringify(fromCloudEvent(event)));
  const outcomes = await publisher.publishEnvelopes(envelopes);
  t.ok(outcomes.every((outcome) => "offset" in outcome));
  const back: CloudEvent[] = [];
  for await (const event of bus.query()) back.push(toCloudEvent(event.envelope, event));
  t.strictSame(back, foreign);
  t.match(fromCloudEvent(foreign[0]), {
    topic: "com.github.pull_request.opened",
    msg_id: "A234-1234-1234",
    timestamp: 1522949460.123,
    msg: { a: [1, 2.5, null] },
  });
});

t.test("cloudevents: what is none is refused", async (t) => {
  const [good] = foreign;
  const wrong: readonly unknown[] = [
    null,
    [],
    { ...good, specversion: "0.3" },
    { ...good, id: "" },
    { ...good, source: 1 },
    { ...good, type: undefined },
    { ...good, time: 5 },
    { ...good, fedbusenvelope: "[" },
    { ...good, fedbusenvelope: "1" },
  ];
  for (const value of wrong) t.throws(() => fromCloudEvent(value), { code: "INPUT_INVALID" });
});

t.test(
  "cloudevents: the official SDK takes ours, and we take what it writes",
  { skip },
  async (t) => {
    const { CloudEvent, HTTP } = (await import(name)) as Sdk;
    const writer = new EnvelopeWriter({ sourceName: "shop" });
    const envelope = JSON.parse(writer.write("shop.order", { id: 1 }));
    const ours = toCloudEvent(envelope, { offset: 7, recordedAt: Date.now() });
    const theirs = new CloudEvent(ours);
    t.ok(theirs.validate());
    const { headers, body } = HTTP.structured(theirs);
    t.strictSame(fromCloudEvent(JSON.parse(body)), envelope);
    t.strictSame(plain(HTTP.toEvent({ headers, body })), plain(ours));
    for (const event of foreign.slice(0, 3)) {
      const written = JSON.parse(HTTP.structured(new CloudEvent(event)).body) as CloudEvent;
      const out = toCloudEvent(fromCloudEvent(written));
      t.strictSame(out, written);
      t.ok(new CloudEvent(out).validate());
    }
  },
);

t.test("cloudevents: real messages come back the same", { skip: skipWithoutData }, async (t) => {
  const messages = await realMessages();
  const changed = messages.filter((message) => {
    const back = fromCloudEvent(plain(toCloudEvent(message, { offset: 1, recordedAt: 0 })));
    return canonicalJson(back) !== canonicalJson(message);
  });
  t.ok(messages.length > 800);
  t.same(changed, []);
});
