import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { createServer } from "node:net";
import t from "tap";
import { webhook } from "../../../../consumers/sinks/webhook/webhook.js";
import { delivery, neverAborted } from "../deliveries.js";
import { Receiver, status } from "../receiver.js";
import { selfSigned, skipWithoutOpenssl } from "../self-signed.js";

const base = { unsigned: true, delayMs: 1, attemptsMax: 2 } as const;
const local = { ...base, allow: ["127.0.0.0/8"], allowHttp: true } as const;

/** A resolver that gives each next answer, then the last again. */
function answering(...answers: readonly (readonly string[])[]): LookupFunction {
  let asked = 0;
  return (_name, _options, callback) => {
    const found = answers[Math.min(asked++, answers.length - 1)]!;
    callback(
      null,
      found.map((address) => ({ address, family: 4 })),
    );
  };
}

t.test("webhook: no way of writing a local address reaches it", async (t) => {
  const victim = await Receiver.start(t);
  const victim6 = await Receiver.start(t, undefined, { host: "::1" }).catch(() => victim);
  const hosts = "127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 017700000001 0 0.0.0.0".split(" ");
  const sixes =
    "[::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [0:0:0:0:0:0:0:1]".split(
      " ",
    );
  for (const { port } of [victim, victim6]) {
    for (const host of [...hosts, ...sixes])
      t.throws(
        () => webhook({ ...base, allowHttp: true, url: `http://${host}:${port}/` }),
        { code: "OPTIONS_INVALID", details: { problems: [/^url .* is not on the public/] } },
        host,
      );
    await using hook = webhook({ ...base, allowHttp: true, url: `http://localhost:${port}/` });
    await t.rejects(hook.deliver([delivery(0)], neverAborted), {
      code: "DESTINATION_FORBIDDEN",
      retryable: false,
    });
  }
  t.equal(victim.connections + victim6.connections, 0);
});

t.test("webhook: metadata services and private networks are not asked", async (t) => {
  const hosts =
    "169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16 10.0.0.1 192.168.0.1 [fd00:ec2::254] [fe80::1]";
  for (const host of hosts.split(" ")) {
    const url = `https://${host}/latest/meta-data/`;
    t.throws(() => webhook({ ...base, url }), { code: "OPTIONS_INVALID" }, host);
    const lookup = answering([host.replace(/[[\]]/g, "")]);
    await using hook = webhook({ ...base, url: "https://metadata.test/" }, { lookup });
    await t.rejects(hook.deliver([delivery(0)], neverAborted), { code: "DESTINATION_FORBIDDEN" });
  }
});

t.test("webhook: plain http needs to be allowed", async (t) => {
  const receiver = await Receiver.start(t);
  t.throws(() => webhook({ ...base, allow: ["127.0.0.1"], url: receiver.url() }), {
    code: "OPTIONS_INVALID",
    details: { problems: [/^url http:\/\/ is not allowed.*allowHttp/] },
  });
  t.equal(receiver.connections, 0);
});

t.test("webhook: a name that moves to a local address is refused when it has moved", async (t) => {
  const close = status(200, { connection: "close" });
  const good = await Receiver.start(t, close, { host: "127.0.0.2" });
  const lookup = answering(["127.0.0.2"], ["127.0.0.1"]);
  const allow = ["127.0.0.2"];
  const url = `http://rebind.test:${good.port}/`;
  await using hook = webhook({ ...base, allowHttp: true, allow, url }, { lookup });
  await hook.deliver([delivery(0)], neverAborted);
  await t.rejects(hook.deliver([delivery(1)], neverAborted), { code: "DESTINATION_FORBIDDEN" });
  t.equal(good.received.length, 1);
});

t.test("webhook: one local address among several is enough to refuse a name", async (t) => {
  const good = await Receiver.start(t, undefined, { host: "127.0.0.2" });
  const lookup = answering(["127.0.0.2", "127.0.0.1"]);
  const url = `http://two.test:${good.port}/`;
  await using hook = webhook({ ...base, allowHttp: true, allow: ["127.0.0.2"], url }, { lookup });
  await t.rejects(hook.deliver([delivery(0)], neverAborted), { code: "DESTINATION_FORBIDDEN" });
  t.equal(good.connections, 0);
});

t.test("webhook: a redirect is not followed", async (t) => {
  const victim = await Receiver.start(t);
  for (const code of [301, 302, 303, 307, 308]) {
    const receiver = await Receiver.start(t, status(code, { location: victim.url() }));
    await using hook = webhook({ ...local, url: receiver.url() });
    await t.rejects(hook.deliver([delivery(0)], neverAborted), {
      code: "DELIVERY_REFUSED",
      message: /redirects are not followed/,
    });
  }
  t.equal(victim.connections, 0);
});

t.test("webhook: a server that never answers is given up", async (t) => {
  const receiver = await Receiver.start(t, () => {});
  await using hook = webhook({ ...local, url: receiver.url(), timeoutMs: 100 });
  await t.rejects(hook.deliver([delivery(0)], neverAborted), {
    code: "DELIVERY_FAILED",
    message: /no answer within 100 ms/,
  });
  t.equal(receiver.received.length, 2);
});

t.test("webhook: a server that takes nothing of the request is given up", async (t) => {
  const server = createServer((socket) => socket.pause().on("error", () => {})).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  await using hook = webhook({ ...local, url: `http://127.0.0.1:${port}/`, timeoutMs: 100 });
  const large = delivery(0, { body: "x".repeat(8 * 1024 * 1024) });
  await t.rejects(hook.deliver([large], neverAborted), { code: "DELIVERY_FAILED" });
});

t.test("webhook: an answer without end is cut, and its status counts", async (t) => {
  let closed = 0;
  let sent = 0;
  const endless = (code: number) =>
    Receiver.start(t, (_request, response) => {
      response.writeHead(code);
      const piece = "y".repeat(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
      };
      response.on("drain", more).once("close", () => closed++);
      more();
    });
  const taking = await endless(200);
  await using hook = webhook({ ...local, url: taking.url(), answerBytesMax: 1000 });
  await hook.deliver([delivery(0)], neverAborted);
  const refusing = await endless(400);
  await using other = webhook({ ...local, url: refusing.url(), answerBytesMax: 1000 });
  await t.rejects(other.deliver([delivery(0)], neverAborted), {
    code: "DELIVERY_REFUSED",
    details: { answer: "y".repeat(1000) },
  });
  while (closed < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  t.ok(sent < 64 * 1024 * 1024, `${sent} bytes were sent`);
});

t.test("webhook: a body that never ends does not take the status back", async (t) => {
  const receiver = await Receiver.start(t, (_request, response) =>
    response.writeHead(200).write("a"),
  );
  await using hook = webhook({ ...local, url: receiver.url(), timeoutMs: 200 });
  await hook.deliver([delivery(0)], neverAborted);
  t.equal(receiver.received.length, 1);
});

t.test("webhook: endless headers are refused", async (t) => {
  const server = createServer((socket) => {
    socket.on("error", () => {}).write("HTTP/1.1 200 OK\r\n");
    const more = (): void => {
      while (!socket.destroyed && socket.write(`x-${"h".repeat(1000)}: 1\r\n`));
    };
    socket.on("drain", more);
    more();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  await using hook = webhook({ ...local, url: `http://127.0.0.1:${port}/`, timeoutMs: 5000 });
  await t.rejects(hook.deliver([delivery(0)], neverAborted), {
    code: "DELIVERY_FAILED",
    message: /[Hh]eader/,
  });
});

t.test("webhook: a delivery can be broken off, in a request and between two", async (t) => {
  const silent = await Receiver.start(t, () => abort.abort());
  const abort = new AbortController();
  await using hook = webhook({ ...local, url: silent.url() });
  await t.rejects(hook.deliver([delivery(0)], abort.signal), { code: "DELIVERY_FAILED" });
  const failing = await Receiver.start(t, (request, response, count) => {
    status(500)(request, response, count);
    setTimeout(() => second.abort(), 20);
  });
  const second = new AbortController();
  await using waiting = webhook({ ...local, url: failing.url(), delayMs: 1e9, delayMsMax: 1e9 });
  await t.rejects(waiting.deliver([delivery(0)], second.signal), { code: "DELIVERY_FAILED" });
  await t.rejects(waiting.deliver([delivery(0)], second.signal), { code: "DELIVERY_FAILED" });
  t.equal(failing.received.length, 1);
});

t.test("webhook: a server that is away is tried again", async (t) => {
  const receiver = await Receiver.start(t, (request, response, count) => {
    if (count === 1) response.destroy();
    else status(200)(request, response, count);
  });
  await using hook = webhook({ ...local, url: receiver.url() });
  await hook.deliver([delivery(0)], neverAborted);
  t.equal(receiver.received.length, 2);
  await using nobody = webhook({ ...local, url: "http://127.0.0.1:1/" });
  await t.rejects(nobody.deliver([delivery(0)], neverAborted), {
    code: "DELIVERY_FAILED",
    message: /ECONNREFUSED/,
  });
});

t.test(
  "webhook: over TLS the certificate must be trusted and for that name",
  { skip: skipWithoutOpenssl },
  async (t) => {
    const tls = selfSigned(t.testdir(), "hook.test");
    const receiver = await Receiver.start(t, undefined, { tls });
    const lookup = answering(["127.0.0.1"]);
    const safe = { ...base, allow: ["127.0.0.1"] };
    await using trusting = webhook(
      { ...safe, url: receiver.url("hook.test"), ca: tls.cert },
      { lookup },
    );
    await trusting.deliver([delivery(0)], neverAborted);
    await using unknowing = webhook({ ...safe, url: receiver.url("hook.test") }, { lookup });
    await t.rejects(unknowing.deliver([delivery(0)], neverAborted), {
      code: "DELIVERY_FAILED",
      message: /certificate/,
    });
    await using other = webhook(
      { ...safe, url: receiver.url("other.test"), ca: tls.cert },
      { lookup },
    );
    await t.rejects(other.deliver([delivery(0)], neverAborted), {
      code: "DELIVERY_FAILED",
      message: /altnames/,
    });
    t.equal(receiver.received.length, 1);
  },
);
