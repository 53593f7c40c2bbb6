import t from "tap";
import { influx } from "../../../../consumers/sinks/influx/influx.js";
import type { InfluxOptions } from "../../../../consumers/sinks/influx/influx-options.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { Receiver, status } from "../receiver.js";
import { parseLines } from "./parse-lines.js";

const base = {
  allow: ["127.0.0.1"],
  allowHttp: true,
  bucket: "b",
  delayMs: 1,
  fields: { total: "/body/total" },
} as const;

function writeTo(receiver: Receiver, options: Partial<InfluxOptions> = {}) {
  return influx({ ...base, url: receiver.url("127.0.0.1", ""), ...options });
}

/** The points that a server was sent, request by request. */
function pointsAt(receiver: Receiver) {
  return receiver.received.map(({ body }) => parseLines(body));
}

t.test("influx: an event is a point", async (t) => {
  const receiver = await Receiver.start(t);
  const fields = {
    total: "/body/total",
    id: { from: "/body/id", type: "integer" },
    ok: "/body/ok",
    note: "/body/note",
    list: { from: "/body/list", type: "text" },
    gone: "/body/gone",
  } as const;
  await using sink = writeTo(receiver, {
    org: "o & p",
    token: "T0K3N",
    measurement: "orders",
    tags: { topic: "/topic", country: "/body/country", none: "/body/none" },
    fields,
  });
  const body = {
    id: 3,
    total: 4.5,
    ok: true,
    note: 'say "a, b"',
    list: [1],
    country: "New Zealand",
  };
  await sink.deliver([delivery(3, { body })], neverAborted);
  const [request] = receiver.received;
  t.equal(request!.path, "/api/v2/write?org=o+%26+p&bucket=b&precision=ns");
  t.match(request!.headers, { authorization: "Token T0K3N", "content-type": /^text\/plain/ });
  t.strictSame(pointsAt(receiver), [
    [
      {
        measurement: "orders",
        tags: { topic: "shop.order.created", country: "New Zealand" },
        fields: { total: 4.5, id: 3n, ok: true, note: 'say "a, b"', list: "[1]" },
        timestamp: 1_700_000_002_995_000_003n,
      },
    ],
  ]);
});

t.test("influx: the older server's address and precisions", async (t) => {
  const receiver = await Receiver.start(t);
  for (const precision of ["ns", "us", "ms", "s"] as const) {
    const { bucket: _, ...old } = base;
    await using sink = influx({
      ...old,
      url: receiver.url("127.0.0.1", "/x/"),
      database: "d",
      precision,
    });
    await sink.deliver([delivery(3, { timestamp: 1_700_000_000_123.456 })], neverAborted);
  }
  t.strictSame(
    receiver.received.map(({ path }) => path),
    ["n", "u", "ms", "s"].map((precision) => `/x/write?db=d&precision=${precision}`),
  );
  t.strictSame(
    pointsAt(receiver).map(([point]) => point!.timestamp),
    [1_700_000_000_123_456_003n, 1_700_000_000_123_456n, 1_700_000_000_123n, 1_700_000_000n],
  );
});

t.test(
  "influx: events of one moment have timestamps of their own, the same in a resend",
  async (t) => {
    const receiver = await Receiver.start(t);
    await using sink = writeTo(receiver);
    const batch = deliveries(0, 2000).map((one) => ({ ...one, timestamp: 1_700_000_000_000 }));
    await sink.deliver(batch, neverAborted);
    await sink.deliver(batch, neverAborted);
    const [first, second] = pointsAt(receiver);
    t.equal(new Set(first!.map(({ timestamp }) => timestamp)).size, 2000);
    t.strictSame(second, first);
    await using plain = writeTo(receiver, { uniqueTimestamps: false });
    await plain.deliver(batch, neverAborted);
    t.equal(new Set(pointsAt(receiver)[2]!.map(({ timestamp }) => timestamp)).size, 1);
  },
);

t.test("influx: requests are cut by lines and by bytes", async (t) => {
  const lines = async (options: Partial<InfluxOptions>): Promise<number[]> => {
    const receiver = await Receiver.start(t);
    await using sink = writeTo(receiver, { precision: "s", ...options });
    await sink.deliver(deliveries(10, 16), neverAborted);
    t.strictSame(
      pointsAt(receiver)
        .flat()
        .map(({ fields }) => fields.total),
      deliveries(10, 16).map(({ offset }) => offset * 1.5),
    );
    return pointsAt(receiver).map((points) => points.length);
  };
  t.strictSame(await lines({ requestLinesMax: 4 }), [4, 2]);
  t.strictSame(await lines({ requestLinesMax: 6 }), [6]);
  // Totals of 15 to 22.5, with or without a fraction: the longest line has 3 of them.
  const even = { measurement: "m", fields: { total: "/body/total", id: "/body/id" } };
  const lineBytes = "m total=16.5,id=11 1700000010\n".length;
  t.strictSame(
    await lines({ ...even, requestBytesMax: 3 * lineBytes - 2 }),
    [3, 3],
    "at the limit",
  );
  t.strictSame(await lines({ ...even, requestBytesMax: 3 * lineBytes - 3 }), [3, 2, 1], "past it");
  t.strictSame(await lines({ ...even, requestBytesMax: lineBytes }), [1, 1, 1, 1, 1, 1]);
  t.strictSame(await lines({ ...even, requestBytesMax: 1 }), [1, 1, 1, 1, 1, 1], "a larger line");
});

t.test("influx: what is wrong with an event is refused before anything is sent", async (t) => {
  const receiver = await Receiver.start(t);
  await using sink = writeTo(receiver, { tags: { t: "/body/t" } });
  for (const body of [{ x: 1 }, { total: 1, t: "a\nb" }, { total: 1, t: [] }, null, 5])
    await t.rejects(sink.deliver([delivery(0), delivery(1, { body })], neverAborted), {
      code: "DELIVERY_REFUSED",
      details: { offset: 1 },
    });
  await using typed = writeTo(receiver, {
    fields: { total: { from: "/body/total", type: "integer" } },
  });
  for (const total of [1.5, "1", true, {}])
    await t.rejects(typed.deliver([delivery(1, { body: { total } })], neverAborted), {
      code: "DELIVERY_REFUSED",
    });
  for (const timestamp of [1e300, 9.3e15])
    await t.rejects(sink.deliver([delivery(1, { timestamp })], neverAborted), {
      code: "DELIVERY_REFUSED",
    });
  t.equal(receiver.connections, 0);
});

t.test(
  "influx: a partial write is refused with the server's words, and not sent again",
  async (t) => {
    const words = '{"code":"invalid","message":"partial write: field type conflict"}';
    const receiver = await Receiver.start(t, (_request, response) =>
      response.writeHead(400).end(words),
    );
    await using sink = writeTo(receiver);
    await t.rejects(sink.deliver(deliveries(0, 3), neverAborted), {
      code: "DELIVERY_REFUSED",
      details: { status: 400, answer: words },
    });
    t.equal(receiver.received.length, 1);
  },
);

t.test("influx: a server that is busy or failing is tried again", async (t) => {
  const receiver = await Receiver.start(t, (request, response, count) =>
    status([503, 429, 500][count - 1] ?? 204)(request, response, count),
  );
  await using sink = writeTo(receiver);
  await sink.deliver(deliveries(0, 3), neverAborted);
  t.equal(receiver.received.length, 4);
  t.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
});

t.test("influx: all wrong options are named together", async (t) => {
  const problems = (given: object): string[] => {
    try {
      influx({ url: "https://a.test", ...given } as InfluxOptions);
    } catch (error) {
      return (error as { details: { problems: string[] } }).details.problems;
    }
    return [];
  };
  const fields = { total: "/body/total" };
  const wrong = {
    fields: { a: { from: "/x", type: "int" } },
    precision: "m",
    tags: { a: "x" },
    token: "a b",
  };
  t.match(problems(wrong), [/^token/, /^tags a/, /^fields a/, /^precision/]);
  t.match(problems({ fields }), [/either bucket or database/]);
  t.match(problems({ fields, bucket: "b", database: "d" }), [/either bucket or database/]);
  t.match(problems({ fields, bucket: "b", precision: "s", uniqueTimestamps: true }), [
    /needs precision ns/,
  ]);
  t.match(problems({ fields: { time: "/offset" }, tags: { time: "/topic" }, bucket: "b" }), [
    /time is InfluxDB's own/,
    /time is InfluxDB's own/,
    /both a tag and a field/,
  ]);
  t.match(problems({ bucket: "b" }), [/^fields/]);
  t.strictSame(problems({ fields, bucket: "b", measurement: "/body/kind" }), []);
});
