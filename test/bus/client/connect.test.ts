import type { Server, Socket } from "node:net";
import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { beaconMs } from "../../../bus/wire/limits.js";
import { openRouter } from "../../../bus/wire/sockets.js";
import { closed, freeUrl, listening, portOf } from "../ports.js";
import { TcpProxy } from "../proxy.js";
import { Collector } from "./collector.js";

t.test("addresses: those that are none are ADDRESS_INVALID, for hubs and clients", async (t) => {
  const wrong = [
    "",
    "localhost",
    "http://127.0.0.1:1",
    "tcp://127.0.0.1",
    "tcp://:1",
    "tcp://a:70000",
    "tcp://127.0.0.1:x",
    "ipc://",
  ];
  const code = { code: "ADDRESS_INVALID" };
  for (const url of wrong) {
    await t.rejects(connect(url), code, url);
    await t.rejects(Hub.open(new MemoryLog(), { listen: url }), code, url);
  }
  await t.rejects(connect("tcp://127.0.0.1:*"), code, "a port must be known to be dialled");
  const broadcast = "udp://127.0.0.1:1";
  await t.rejects(Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0", broadcast }), code);
});

t.test("addresses: a hub listens on loopback only", async (t) => {
  const code = { code: "ADDRESS_REFUSED" };
  for (const host of ["0.0.0.0", "192.168.1.1", "[::]", "*", "example.org"])
    await t.rejects(Hub.open(new MemoryLog(), { listen: `tcp://${host}:0` }), code, host);
  const listen = "tcp://127.0.0.1:0";
  await t.rejects(Hub.open(new MemoryLog(), { listen, broadcast: "tcp://0.0.0.0:0" }), code);
});

/** A server on a port that a closed hub gives back as soon as ZeroMQ's own thread comes to it. */
async function freed(port: number): Promise<Server> {
  for (;;) {
    const server = await listening(port).catch(() => undefined);
    if (server !== undefined) return server;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

t.test("addresses: one that is taken is ADDRESS_IN_USE, and nothing is left behind", async (t) => {
  const url = await freeUrl();
  const first = await Hub.open(new MemoryLog(), { listen: url });
  await t.rejects(Hub.open(new MemoryLog(), { listen: url }), { code: "ADDRESS_IN_USE" });
  await first.close();
  const blocker = await freed(portOf(url) + 1);
  const inUse = { code: "ADDRESS_IN_USE" };
  await t.rejects(
    Hub.open(new MemoryLog(), { listen: url }),
    inUse,
    "the broadcast port counts too",
  );
  await closed(blocker);
  const second = await Hub.open(new MemoryLog(), { listen: url });
  await second.close();
});

t.test("connect: a wrong or silent address is HUB_UNREACHABLE", async (t) => {
  const unreachable = { code: "HUB_UNREACHABLE" };
  const url = await freeUrl();
  await t.rejects(connect(url, { timeoutMs: 200 }), unreachable, "nobody listens");
  const server = await listening(portOf(url));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await t.rejects(connect(url, { timeoutMs: 200 }), unreachable, "somebody says nothing");
  for (const socket of sockets) socket.destroy();
  await closed(server);
  const http = await listening(portOf(url));
  http.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.resume();
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  await t.rejects(connect(url, { timeoutMs: 300 }), unreachable, "somebody else answers");
  await closed(http);
});

t.test("connect: a hub of another protocol version is PROTOCOL_VERSION", async (t) => {
  const router = openRouter();
  await router.bind("tcp://127.0.0.1:0");
  const connecting = connect(router.lastEndpoint!);
  const [client, control] = await router.receive();
  const { id, op, params } = JSON.parse(control!.toString());
  t.match({ op, params }, { op: "hello", params: { version: 1 } });
  await router.send([client!, JSON.stringify({ id, result: { version: 2 } })]);
  await t.rejects(connecting, { code: "PROTOCOL_VERSION" });
  router.close();
});

t.test(
  "connect: answers outside the protocol are dropped, and the true one is taken",
  async (t) => {
    const router = openRouter();
    await router.bind("tcp://127.0.0.1:0");
    const warnings: string[] = [];
    const nothing = (): void => {};
    const logger = {
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (_: object, message: string) => warnings.push(message),
    };
    const connecting = connect(router.lastEndpoint!, { logger });
    const [client, control] = await router.receive();
    const { id } = JSON.parse(control!.toString());
    for (const garbage of [
      "",
      "x",
      "[]",
      JSON.stringify({ id: "1" }),
      JSON.stringify({ id: id + 7 }),
    ])
      await router.send([client!, garbage]);
    await router.send([
      client!,
      JSON.stringify({ id, error: { code: "NEW_CODE", message: "no" } }),
    ]);
    await t.rejects(connecting, { code: "INTERNAL", message: /NEW_CODE/ });
    t.equal(warnings.length, 4);
    router.close();
  },
);

t.test("connect: a hub that goes away in mid-publish and comes back gets the rest", async (t) => {
  const url = await freeUrl();
  const log = new MemoryLog();
  const first = await Hub.open(log, { listen: url });
  const bus = await connect(url);
  await using publisher = bus.publisher({ batchEventsMax: 10 });
  const collector = new Collector(bus, "#", { from: "earliest" });
  await publisher.publish("a", 0);
  const answers = Array.from({ length: 2000 }, (_, n) => publisher.publish("a", n + 1));
  await answers[50];
  await first.close();
  const second = await Hub.open(log, { listen: url });
  t.same(
    await Promise.all(answers),
    answers.map((_, n) => n + 1),
  );
  t.equal(log.head, 2001);
  await collector.reached(2001);
  t.same(
    collector.offsets,
    Array.from({ length: 2001 }, (_, offset) => offset),
  );
  await collector.close();
  await bus.close();
  await second.close();
});

t.test("connect: a hub that goes away for good fails what waits, each with its code", async (t) => {
  const url = await freeUrl();
  const hub = await Hub.open(new MemoryLog(), { listen: url });
  const bus = await connect(url, { timeoutMs: 300 });
  const publisher = bus.publisher({ timeoutMs: 500, windowBatchesMax: 1 });
  await publisher.publish("a", 0);
  await hub.close();
  const sent = publisher.publish("a", 1);
  await new Promise((resolve) => setImmediate(resolve));
  const queued = publisher.publish("a", 2);
  queued.catch(() => {});
  await t.rejects(sent, { code: "PUBLISH_UNKNOWN" });
  await t.rejects(queued, { code: "HUB_UNREACHABLE" });
  await t.rejects(bus.stats(), { code: "HUB_UNREACHABLE" });
  await t.rejects(new Collector(bus, "#").ended, { code: "HUB_UNREACHABLE" });
  await bus.close();
  await t.rejects(bus.stats(), { code: "CLOSED" });
  t.throws(() => bus.publisher(), { code: "CLOSED" });
  t.throws(() => bus.subscribe(), { code: "CLOSED" });
});

t.test("connect: a line that goes dead without a word is given up and dialled again", async (t) => {
  const url = await freeUrl();
  const hub = await Hub.open(new MemoryLog(), { listen: url });
  const proxy = await TcpProxy.open(url);
  const bus = await connect(proxy.url);
  const direct = await connect(url);
  await using publisher = bus.publisher();
  await using other = direct.publisher();
  const collector = new Collector(bus, "#");
  await collector.subscription.whenCaughtUp();
  await publisher.publish("a", 0);
  proxy.pause();
  const since = performance.now();
  await other.publish("a", 1);
  const late = publisher.publish("a", 2);
  await Promise.all([collector.reached(3), late]);
  t.comment(
    `a dead line healed in ${Math.round(performance.now() - since)} ms (beacon ${beaconMs} ms)`,
  );
  t.same(collector.offsets, [0, 1, 2]);
  await collector.close();
  await Promise.all([bus.close(), direct.close()]);
  await proxy.close();
  await hub.close();
});

t.test("connect: subscriptions end with CLOSED when their connection is closed", async (t) => {
  const hub = await Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  const pages = bus.source.follow({ from: 0 })[Symbol.asyncIterator]();
  await pages.next();
  const next = pages.next();
  next.catch(() => {});
  await bus.close();
  await t.rejects(next, { code: "CLOSED" });
  await hub.close();
});
