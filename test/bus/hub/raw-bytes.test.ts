import { randomBytes } from "node:crypto";
import { connect as connectTcp } from "node:net";
import t from "tap";
import { portOf } from "../ports.js";
import { below, loops, seeded } from "../seed.js";
import { greeting, readyOf } from "./handshake.js";
import { setUp } from "./neighbour.js";

t.test("bad input: raw bytes at both ports hurt nobody", async (t) => {
  const random = seeded(t);
  const { url, hub, neighbour } = await setUp();
  const before = process.memoryUsage().rss;
  const ready = readyOf("DEALER");
  const hugeFrame = Buffer.from([2, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff]);
  const openings: (() => Buffer)[] = [
    () => randomBytes(1 + below(random, 200)),
    () => Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    () => greeting.subarray(0, below(random, greeting.length)),
    () => Buffer.concat([greeting, randomBytes(below(random, 100))]),
    () => Buffer.concat([greeting, ready, randomBytes(below(random, 100))]),
    () => Buffer.concat([greeting, ready, hugeFrame, randomBytes(100)]),
    () => Buffer.concat([greeting, ready, Buffer.alloc(2000, Buffer.from([1, 1, 0x78]))]),
  ];
  const attempts = loops("FEDBUS_RAW", 300);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const bytes = openings[attempt % openings.length]!();
    await throwAt(portOf(url) + (attempt % 2), bytes, random() < 0.5);
  }
  await neighbour.stop();
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
  t.equal(neighbour.seen, neighbour.published);
  t.comment(
    `${attempts} raw connections; the neighbour published and saw ${neighbour.seen} events; ` +
      `this process, hub included, grew by ${grown.toFixed(0)} MiB`,
  );
  await hub.close();
});

/** Connects, writes, and leaves: rudely at once, or when the other side has hung up or 20 ms on. */
function throwAt(port: number, bytes: Buffer, rudely: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1", () => {
      socket.write(bytes, () => {
        if (rudely) socket.destroy();
        else setTimeout(() => socket.destroy(), 20);
      });
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
  });
}
