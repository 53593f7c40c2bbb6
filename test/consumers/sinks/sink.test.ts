import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import t from "tap";
import {
  boundedFeed,
  type Delivery,
  type Destination,
  file,
  Runner,
  type SinkSpec,
  StateStore,
  sink,
  webhook,
} from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";
import { offsetsIn, range } from "./file/contents.js";
import { Receiver, status } from "./receiver.js";

const local = { allow: ["127.0.0.1"], allowHttp: true, unsigned: true, delayMs: 1 } as const;

t.test("sink: events of its topics leave the bus, each with an id of its own", async (t) => {
  const bus = await memoryBus(t);
  const receiver = await Receiver.start(t);
  await using publisher = bus.publisher();
  for (const n of range(0, 6)) await publisher.publish(n % 2 ? "shop.order" : "other", { n });
  const hook = sink({
    name: "notify",
    topics: ["shop.#"],
    config: { type: "object", required: ["url"] },
    to: (config: { url: string }) => webhook({ ...local, url: config.url }),
  });
  const running = start(bus, hook, { dir: t.testdir(), config: { url: receiver.url() } });
  await running.caughtUp();
  await publisher.publish("shop.order", { n: 6 }, { headers: { a: 1 } });
  await running.caughtUp();
  await running.stop();
  t.strictSame(receiver.ids, ["notify:1", "notify:3", "notify:5", "notify:6"]);
  const last = JSON.parse(receiver.received.at(-1)!.body) as object;
  t.match(last, { type: "shop.order", data: { n: 6 }, headers: { a: 1 }, offset: 6 });
});

t.test("sink: an event that is refused becomes a dead letter, and only it", async (t) => {
  const bus = await memoryBus(t);
  const receiver = await Receiver.start(t, (request, response, count) => {
    const { data } = JSON.parse(request.body) as { data: { n: number } };
    status(data.n === 7 ? 422 : 200)(request, response, count);
  });
  await using publisher = bus.publisher();
  await publisher.publishMany(range(0, 20).map((n) => ({ topic: "in", msg: { n } })));
  const to = () => webhook({ ...local, url: receiver.url() });
  for (const batchEventsMax of [1, 5, 1000]) {
    const name = `picky-${batchEventsMax}`;
    const hook = sink({ name, topics: ["in"], to, batchEventsMax, attemptsMax: 2 });
    const running = start(bus, hook, { dir: join(t.testdir(), name), limits: { retryMsMax: 1 } });
    await running.caughtUp();
    await running.stop();
    const letters = await eventsOn(bus, `consumers.${name}.dead-letter`);
    t.equal(letters.length, 1);
    t.match(letters[0]!.msg, {
      event: { offset: 7 },
      attempts: 2,
      error: { code: "DELIVERY_REFUSED" },
    });
    const taken = new Set(receiver.ids.filter((id) => id?.startsWith(`${name}:`)));
    t.strictSame(
      [...taken].sort(),
      range(0, 20)
        .map((n) => `${name}:${n}`)
        .sort(),
    );
  }
});

t.test("sink: an address that must not be reached halts it, without dead letters", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publishMany(range(0, 3).map((n) => ({ topic: "in", msg: { n } })));
  const to = (allowHttp: boolean) => () =>
    webhook({ unsigned: true, allowHttp, url: "http://localhost:9/" });
  const run = (name: string, allowHttp: boolean) =>
    start(bus, sink({ name, topics: ["in"], to: to(allowHttp) }), { dir: join(t.testdir(), name) });
  await t.rejects(run("inside", true).done, {
    code: "CONSUMER_HALTED",
    message: /not on the public internet/,
  });
  await t.rejects(run("plain", false).done, { code: "OPTIONS_INVALID", message: /allowHttp/ });
  t.strictSame(await eventsOn(bus, "consumers.#"), []);
});

t.test("sink: a destination that is away is waited for, without dead letters", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publishMany(range(0, 10).map((n) => ({ topic: "in", msg: { n } })));
  const server = createServer((request, response) => {
    ids.push(request.headers["webhook-id"] as string);
    request.resume().on("end", () => response.end());
  });
  const ids: string[] = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  let failures = 0;
  const logger = { debug() {}, info() {}, error() {}, warn: () => void failures++ };
  const url = `http://127.0.0.1:${port}/`;
  const to = () => webhook({ ...local, url, attemptsMax: 1 });
  const hook = sink({ name: "patient", topics: ["in"], to, retryMsMax: 20 });
  const running = start(bus, hook, { dir: t.testdir(), logger });
  while (failures < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  server.listen(port, "127.0.0.1");
  await running.caughtUp();
  await running.stop();
  server.closeAllConnections();
  server.close();
  t.strictSame(
    ids,
    range(0, 10).map((n) => `patient:${n}`),
  );
  t.strictSame(await eventsOn(bus, "consumers.#"), []);
});

/** Keeps what it is given; `hold` keeps it from answering. */
class Held implements Destination {
  readonly taken: number[] = [];
  readonly sizes: number[] = [];
  hold: Promise<void> = Promise.resolve();
  isWaiting = false;
  isClosed = false;

  async deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    this.isWaiting = true;
    await this.hold;
    signal.throwIfAborted();
    this.sizes.push(batch.length);
    this.taken.push(...batch.map(({ offset }) => offset));
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

t.test("sink: deliveries are cut at the limits, and one is finished before a stop", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publishMany(range(0, 25).map((n) => ({ topic: "in", msg: { n } })));
  const held = new Held();
  const running = start(bus, sink({ name: "cut", topics: ["in"], to: held, batchEventsMax: 10 }), {
    dir: t.testdir(),
  });
  await running.caughtUp();
  t.strictSame(held.sizes, [10, 10, 5]);
  let release = (): void => {};
  held.hold = new Promise((resolve) => {
    release = resolve;
  });
  held.isWaiting = false;
  await publisher.publish("in", { n: 25 });
  while (!held.isWaiting) await new Promise((resolve) => setTimeout(resolve, 5));
  const stopping = running.stop();
  setTimeout(release, 20);
  await stopping;
  t.strictSame(held.taken, range(0, 26));
  t.notOk(held.isClosed, "who made a destination closes it");
  const small = new Held();
  const bytes = start(bus, sink({ name: "small", topics: ["in"], to: small, batchBytesMax: 1 }), {
    dir: t.testdir(),
  });
  await bytes.caughtUp();
  await bytes.stop();
  t.ok(small.sizes.every((size) => size === 1));
});

t.test("sink: a replay delivers nothing", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publishMany(range(0, 10).map((n) => ({ topic: "in", msg: { n } })));
  const run = async (replay: boolean): Promise<number[]> => {
    const held = new Held();
    const store = await StateStore.open(t.testdir(), { durable: false });
    const consumer = sink({ name: "again", topics: ["in"], to: () => held });
    const feed = boundedFeed(bus.source, 10);
    await new Runner({ consumer, config: {}, store, source: bus.source, feed, replay }).run();
    await store.close();
    t.ok(held.isClosed, "what the sink made it closes");
    return held.taken;
  };
  t.strictSame(await run(false), range(0, 10));
  t.strictSame(await run(true), []);
});

t.test("sink: files hold each event once, over stops and starts", async (t) => {
  const bus = await memoryBus(t);
  const root = t.testdir();
  const dir = join(root, "files");
  await using publisher = bus.publisher();
  for (let round = 0; round < 3; round++) {
    await publisher.publishMany(range(0, 10).map((n) => ({ topic: "in", msg: { n } })));
    const keep = sink({ name: "keep", topics: ["in"], to: () => file({ dir }) });
    const running = start(bus, keep, { dir: join(root, "state") });
    await running.caughtUp();
    await running.stop();
  }
  t.strictSame(await offsetsIn(dir), range(0, 30));
});

t.test("sink: all wrong options are named together", async (t) => {
  const wrong = { name: "a", topics: ["in"], to: {}, batchEventsMax: 0, drainMs: -1 };
  t.throws(() => sink(wrong as unknown as SinkSpec), {
    code: "OPTIONS_INVALID",
    details: { problems: [/^batchEventsMax/, /^drainMs/, /^to must be/] },
  });
  const unknown = { name: "A", topics: ["in"], to: new Held(), colour: 1 };
  t.throws(() => sink(unknown as unknown as SinkSpec), {
    code: "OPTIONS_INVALID",
    details: { problems: [/^colour/, /^name/] },
  });
});
