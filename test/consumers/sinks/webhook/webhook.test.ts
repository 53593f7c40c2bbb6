import { Webhook } from "standardwebhooks";
import t from "tap";
import { webhook } from "../../../../consumers/sinks/webhook/webhook.js";
import type { WebhookOptions } from "../../../../consumers/sinks/webhook/webhook-options.js";
import { deliveries, delivery, neverAborted } from "../deliveries.js";
import { Receiver, status } from "../receiver.js";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const local = { allow: ["127.0.0.0/8"], allowHttp: true, secret, delayMs: 1 } as const;

function hookTo(receiver: Receiver, options: Partial<WebhookOptions> = {}) {
  return webhook({ url: receiver.url(), ...local, ...options });
}

t.test("webhook: an event is posted with a signature that others can check", async (t) => {
  const receiver = await Receiver.start(t);
  await using hook = hookTo(receiver, { headers: { authorization: "Bearer x" } });
  await hook.deliver([delivery(3, { headers: { cause: 1 } })], neverAborted);
  const [{ headers, body, path }] = receiver.received as [(typeof receiver.received)[0]];
  t.equal(path, "/hook");
  t.match(headers, { "content-type": "application/json", authorization: "Bearer x" });
  const event = new Webhook(secret).verify(body, headers as Record<string, string>);
  t.strictSame(event, {
    id: "orders:3",
    type: "shop.order.created",
    timestamp: new Date(1_700_000_002_995).toISOString(),
    offset: 3,
    data: { id: 3, total: 4.5 },
    headers: { cause: 1 },
  });
  t.throws(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>));
});

t.test("webhook: each of several secrets signs", async (t) => {
  const receiver = await Receiver.start(t);
  const old = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  await using hook = hookTo(receiver, { secret: [secret, old] });
  await hook.deliver([delivery(0)], neverAborted);
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  for (const one of [secret, old])
    t.ok(new Webhook(one).verify(body, headers as Record<string, string>));
});

t.test("webhook: one request an event, in order, over one connection", async (t) => {
  const receiver = await Receiver.start(t);
  await using hook = hookTo(receiver);
  await hook.deliver(deliveries(0, 20), neverAborted);
  t.strictSame(
    receiver.ids,
    deliveries(0, 20).map(({ id }) => id),
  );
  t.equal(receiver.connections, 1);
});

t.test("webhook: many events are an array, cut at the limit", async (t) => {
  const receiver = await Receiver.start(t);
  await using hook = hookTo(receiver, { send: "batch", requestEventsMax: 4 });
  await hook.deliver(deliveries(0, 9), neverAborted);
  const offsets = receiver.received.map(({ body }) =>
    (JSON.parse(body) as { offset: number }[]).map(({ offset }) => offset),
  );
  t.strictSame(offsets, [[0, 1, 2, 3], [4, 5, 6, 7], [8]]);
  t.strictSame(receiver.ids, ["orders:0-3", "orders:4-7", "orders:8-8"]);
});

t.test("webhook: an id that a header or a signature cannot hold is escaped", async (t) => {
  const receiver = await Receiver.start(t);
  await using hook = hookTo(receiver);
  await hook.deliver([delivery(0, { id: "a.b é\n:0" })], neverAborted);
  t.strictSame(receiver.ids, ["a%2Eb%20%C3%A9%0A:0"]);
  t.equal((JSON.parse(receiver.received[0]!.body) as { id: string }).id, "a.b é\n:0");
});

t.test("webhook: a time that cannot be written is brought to the nearest that can", async (t) => {
  const receiver = await Receiver.start(t);
  await using hook = hookTo(receiver);
  await hook.deliver([delivery(0, { timestamp: 1e300 })], neverAborted);
  t.match(JSON.parse(receiver.received[0]!.body), { timestamp: "+275760-09-13T00:00:00.000Z" });
});

t.test("webhook: what fails is sent again under the same id until it is taken", async (t) => {
  const receiver = await Receiver.start(t, (request, response, count) =>
    status([500, 503, 408, 425][count - 1] ?? 200)(request, response, count),
  );
  await using hook = hookTo(receiver);
  await hook.deliver([delivery(1)], neverAborted);
  t.strictSame(
    receiver.ids,
    Array.from({ length: 5 }, () => "orders:1"),
  );
});

t.test("webhook: attempts are bounded", async (t) => {
  const receiver = await Receiver.start(t, (_request, response) =>
    response.writeHead(500).end("no"),
  );
  await using hook = hookTo(receiver, { attemptsMax: 3 });
  await t.rejects(hook.deliver([delivery(1)], neverAborted), {
    code: "DELIVERY_FAILED",
    retryable: true,
    details: { status: 500, answer: "no" },
  });
  t.equal(receiver.received.length, 3);
});

t.test("webhook: Retry-After is waited for, up to the limit", async (t) => {
  const receiver = await Receiver.start(t, (request, response, count) => {
    const date = new Date(Date.now() + 86_400_000).toUTCString();
    const after = ["1", "86400", date, "soon"][count - 1];
    const answer = after === undefined ? status(200) : status(429, { "retry-after": after });
    answer(request, response, count);
  });
  await using hook = hookTo(receiver, { retryAfterMsMax: 1200 });
  await hook.deliver([delivery(1)], neverAborted);
  t.equal(receiver.received.length, 5);
  const waits = receiver.received.map(
    ({ at }, index) => at - (receiver.received[index - 1]?.at ?? at),
  );
  t.ok(waits[1]! > 950, "the server's own time was waited for");
  t.ok(waits[2]! > 1150 && waits[3]! > 1150, "the limit was waited for");
});

t.test(
  "webhook: what the server will never take is refused at once, naming the event",
  async (t) => {
    for (const code of [400, 401, 404, 410, 422, 501]) {
      const receiver = await Receiver.start(t, status(code));
      await using hook = hookTo(receiver);
      await t.rejects(hook.deliver([delivery(7), delivery(8)], neverAborted), {
        code: "DELIVERY_REFUSED",
        retryable: false,
        details: { status: code, offset: 7 },
      });
      t.equal(receiver.received.length, 1);
    }
  },
);

t.test("webhook: several requests at a time, never more than the limit", async (t) => {
  const receiver = await Receiver.start(t, (_request, response) =>
    setTimeout(() => response.writeHead(204).end(), 5),
  );
  await using hook = hookTo(receiver, { requestsMax: 3 });
  await hook.deliver(deliveries(0, 30), neverAborted);
  t.strictSame(
    [...receiver.ids].sort(),
    deliveries(0, 30)
      .map(({ id }) => id)
      .sort(),
  );
  t.equal(receiver.mostActive, 3);
});

t.test("webhook: after a refusal nothing more is begun", async (t) => {
  const receiver = await Receiver.start(t, status(400));
  await using hook = hookTo(receiver, { requestsMax: 2 });
  await t.rejects(hook.deliver(deliveries(0, 30), neverAborted), { code: "DELIVERY_REFUSED" });
  t.ok(receiver.received.length <= 2);
});

t.test("webhook: no message shows the path, which may be a secret", async (t) => {
  const receiver = await Receiver.start(t, status(400));
  await using hook = webhook({ ...local, url: receiver.url("127.0.0.1", "/T0K3N?key=T0K3N") });
  const error = await hook.deliver([delivery(0)], neverAborted).catch((thrown: Error) => thrown);
  t.notMatch(JSON.stringify(error) + String(error), /T0K3N/);
});

t.test("webhook: after close nothing is delivered; what was taken is finished", async (t) => {
  const receiver = await Receiver.start(t);
  const hook = hookTo(receiver);
  const running = hook.deliver(deliveries(0, 5), neverAborted);
  const closing = hook.close();
  t.equal(hook.close(), closing);
  await t.rejects(hook.deliver([delivery(9)], neverAborted), { code: "CLOSED" });
  await Promise.all([running, closing]);
  t.equal(receiver.received.length, 5);
});

t.test("webhook: all wrong options are named together", async (t) => {
  const wrong = {
    url: "ftp://x",
    attemptsMax: 0,
    headers: { "webhook-id": "x" },
    allow: ["10.0.0.0/99"],
    colour: 1,
  };
  const problems = (given: object): string[] => {
    try {
      webhook(given as WebhookOptions);
    } catch (error) {
      t.match(error, { code: "OPTIONS_INVALID" });
      return (error as { details: { problems: string[] } }).details.problems;
    }
    return [];
  };
  t.match(problems(wrong), [
    /^colour/,
    /^url/,
    /^headers/,
    /^allow \[0\]/,
    /^attemptsMax/,
    /^secret/,
  ]);
  const url = "https://a.test/";
  t.match(problems({ url, secret: "whsec_c2hvcnQ=" }), [/^secret must be whsec_/]);
  t.match(problems({ url, secret, unsigned: true }), [/exclude/]);
  t.match(problems({ url: "https://u:p@a.test/", secret }), [/user name/]);
  t.match(problems({ url, secret, headers: { a: "x\r\ny" } }), [/^headers/]);
  t.match(problems({ url, secret: [] }), [/^secret/]);
  t.strictSame(problems({ url, unsigned: true }), []);
});
