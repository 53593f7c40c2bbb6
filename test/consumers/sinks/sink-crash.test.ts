import { join } from "node:path";
import t from "tap";
import type { Bus } from "../../../bus/index.js";
import { Child } from "../../bus/child.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { storedBus } from "../../bus/stored-bus.js";
import { eventsOn } from "../running.js";
import { contents } from "./file/contents.js";
import { Receiver } from "./receiver.js";

t.setTimeout(patienceMs);
const kills = loops("FEDBUS_DELIVERY_KILLS", 12);

async function publish(bus: Bus, from: number, count: number): Promise<void> {
  await using publisher = bus.publisher();
  const events = Array.from({ length: count }, (_, at) => ({
    topic: (from + at) % 9 === 0 ? "other" : `in.${at % 3}`,
    msg: { n: from + at },
  }));
  await publisher.publishMany(events);
}

t.test(
  "sink: killed again and again, files hold each event once and webhooks get each",
  async (t) => {
    const random = seeded(t);
    const root = t.testdir();
    const { bus, url } = await storedBus(t, join(root, "log"));
    const receiver = await Receiver.start(t);
    const dir = join(root, "sinks");
    const begin = (killAt: number) =>
      Child.start("../consumers/sinks/sink-child", {
        url,
        hook: receiver.url(),
        dir,
        killAt,
        commitEventsMax: 1 + below(random, 12),
      });
    let published = 0;
    for (let kill = 0; kill < kills; kill++) {
      const count = 5 + below(random, 30);
      await publish(bus, published, count);
      published += count;
      const child = await begin(1 + below(random, 40));
      // Dies at a step of its own; one that has nothing more to do is killed from here.
      for (let told = 0; told < 20; told++)
        if ((await child.message("progress").catch(() => undefined)) === undefined) break;
      await child.kill();
    }
    const last = await begin(Number.POSITIVE_INFINITY);
    for (;;) if ((await last.message<{ next: number }>("progress")).next >= published) break;
    last.tell("end");
    await last.message("ended");

    const wanted = (await eventsOn(bus, "in.#")).map(({ offset, msg }) => ({ offset, body: msg }));
    const text = Object.values(await contents(join(dir, "out"))).join("");
    const written = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    t.equal(written.length, wanted.length);
    t.match(written, wanted, "files hold each event once, in order");

    const bodies = new Map<string, string>();
    for (const { headers, body } of receiver.received) {
      const id = headers["webhook-id"] as string;
      t.equal(bodies.get(id) ?? body, body, "a resend is the same");
      bodies.set(id, body);
    }
    const ids = [...bodies.keys()];
    t.strictSame(
      ids,
      wanted.map(({ offset }) => `posts:${offset}`),
      "each came, first in order",
    );
    t.strictSame(await eventsOn(bus, "consumers.#"), [], "no dead letters");
    const again = receiver.received.length - ids.length;
    t.comment(`${kills} kills, ${wanted.length} events; ${again} requests came again`);
  },
);
