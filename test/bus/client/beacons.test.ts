import { join } from "node:path";
import t from "tap";
import type { Bus } from "../../../bus/bus.js";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import type { FollowedPage, Page, ReadOptions } from "../../../bus/log/event-source.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { broadcastBeside } from "../../../bus/wire/address.js";
import { decodeFrameHeader, keyOf } from "../../../bus/wire/broadcast.js";
import { openSubscriber } from "../../../bus/wire/sockets.js";
import { freeUrl } from "../ports.js";
import { latch } from "../publisher/steered-port.js";
import { below, loops, seeded } from "../seed.js";

const start = 1_700_000_000_000;

/** A log whose readers a test can hold up, so that they fall behind. */
class SlowLog extends MemoryLog {
  held: Promise<void> = Promise.resolve();

  override async read(options: ReadOptions): Promise<Page> {
    await this.held;
    return await super.read(options);
  }
}

/** The pages that a follower gets, one that `wanted` accepts at a time. */
function follow(bus: Bus, patterns: readonly string[], signal: AbortSignal) {
  const options = { from: 0, patterns, beacons: true, signal };
  const pages = bus.source.follow(options)[Symbol.asyncIterator]();
  return async (wanted: (page: FollowedPage) => boolean): Promise<FollowedPage> => {
    for (;;) {
      const { value, done } = await pages.next();
      if (done === true) throw new Error("the follower has ended");
      if (wanted(value)) return value;
    }
  };
}

t.test("beacons: a hub tells its log's time to who is at the head", async (t) => {
  let now = start;
  const clock = (): number => now;
  const url = await freeUrl();
  const log = new MemoryLog({ clock, logId: "one" });
  const hub = await Hub.open(log, { listen: url });
  const bus = await connect(url);
  const ending = new AbortController();
  const next = follow(bus, ["x"], ending.signal);
  const first = await next(({ caughtUp }) => caughtUp);
  t.same([first.blocks, first.next], [[], 0]);
  t.match(await next(({ time }) => time !== undefined), { next: 0, time: start, blocks: [] });
  now += 250;
  t.match(await next(({ time }) => time === start + 250), { next: 0, blocks: [], caughtUp: false });
  await using publisher = bus.publisher();
  await publisher.publish("other", 1);
  now += 250;
  t.match(await next(({ time }) => time === start + 500), { next: 1, blocks: [] });
  now -= 9_000;
  await publisher.publish("x", 1);
  const page = await next(({ blocks }) => blocks.length > 0);
  t.equal(page.blocks[0]?.recordedAt, start + 500, "the time that was told binds");
  t.match(await next(({ time, next }) => time !== undefined && next === 2), { time: start + 500 });
  t.equal((await bus.source.info()).time, start + 500);
  ending.abort();
  await bus.close();
  await hub.close();
});

t.test(
  "beacons: a hub that is behind its log's head tells no time until it is there",
  async (t) => {
    let now = start;
    const log = new SlowLog({ clock: () => now });
    const listen = await freeUrl();
    await using _hub = await Hub.open(log, { listen });
    const held = latch();
    const key = keyOf(["x"]);
    const socket = openSubscriber(broadcastBeside(listen), key);
    const header = async () => decodeFrameHeader((await socket.receive())[1]!);
    t.match(await header(), { next: 0, at: start });
    log.held = held.opened;
    await log.append([draftOf([["other", 1]])]);
    now += 100;
    for (const _ of [1, 2]) {
      const { next, at } = await header();
      t.equal(next, 0);
      t.ok((at ?? start) <= start, "there is an event behind that was recorded before");
    }
    held.open();
    let last = await header();
    while (last.next === 0) last = await header();
    t.match(last, { prev: 0, next: 1, at: start + 100 }, "at once, though nothing matched");
    socket.close();
  },
);

t.test("beacons: under load, no event behind a page is recorded before its time", async (t) => {
  const random = seeded(t);
  // The clock steps back and forth by up to 20 ms.
  const clock = (): number => Date.now() + below(random, 20);
  const log = await LevelLog.open(join(t.testdir(), "log"), {
    clock,
    freeBytesMin: 0,
    ballastBytes: 0,
  });
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0", clock });
  const bus = await connect(hub.url);
  const ending = new AbortController();
  const told: { next: number; time: number }[] = [];
  const collect = async (patterns: readonly string[], source = bus.source): Promise<void> => {
    const options = { from: 0, patterns, beacons: true, signal: ending.signal };
    for await (const { next, time } of source.follow(options))
      if (time !== undefined) told.push({ next, time });
  };
  // Many pattern sets, so that many beacons fall into the middle of something.
  const topics = Array.from({ length: 8 }, (_, n) => `topic.${n}`);
  const followers = [
    ...topics.map((topic) => collect([topic])),
    collect(["#"]),
    collect(["#"], log),
  ];
  await using publisher = bus.publisher({ batchEventsMax: 20 });
  const until = Date.now() + loops("FEDBUS_BEACON_MS", 3_000);
  for (let sent = 0; Date.now() < until; sent++) {
    const topic = topics[below(random, 2) * below(random, topics.length)]!;
    publisher.publish(topic, { sent }).catch((error: Error) => t.fail(error.message));
    if (sent % 20 > 0) continue;
    await publisher.ready();
    const { head: next, time } = await bus.source.info();
    if (sent % 200 === 0) told.push({ next, time: time! });
  }
  await publisher.drain();
  ending.abort();
  await Promise.all(followers);
  const { head } = log;
  const recorded: number[] = [];
  for (let from = 0; from < head; ) {
    const page = await log.read({ from });
    for (const block of page.blocks)
      for (let index = 0; index < block.count; index++) recorded.push(block.recordedAt);
    from = page.next;
  }
  // Times never go back: the first event behind tells of all.
  const behind = told.filter(({ next }) => next < head);
  const wrong = behind.filter(({ next, time }) => recorded[next]! < time);
  t.same(wrong, []);
  t.ok(behind.length > 20);
  t.comment(
    `${head} events, ${told.length} times told, ${behind.length} with events behind: 0 wrong`,
  );
  await bus.close();
  await hub.close();
  await log.close();
});
