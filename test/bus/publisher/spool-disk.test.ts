import { closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { Broker } from "../../../bus/broker/broker.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { Spool } from "../../../bus/publisher/spool.js";
import { SteeredLog } from "../steered-log.js";
import { until } from "../turns.js";
import { latch, SteeredPort } from "./steered-port.js";

// Descriptors are swapped by way of /proc.
const skip = process.platform === "linux" ? false : "needs /proc";

/** Makes every write to LevelDB's newest file of writes fail for want of room, until `mend`. */
function fillDisk(dir: string): { mend(): void } {
  const links = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [{ fd: Number(fd), path: readlinkSync(`/proc/self/fd/${fd}`) }];
    } catch {
      return [];
    }
  });
  const found = links.find(({ path }) => path.startsWith(dir) && /\d\.log$/.test(path))!;
  swap(found.fd, "/dev/full", "w");
  return { mend: () => swap(found.fd, found.path, "a") };
}

/** Lets the descriptor `fd` be that of another file. */
function swap(fd: number, path: string, flags: string): void {
  closeSync(fd);
  const others: number[] = [];
  let opened = openSync(path, flags);
  for (; opened !== fd; opened = openSync(path, flags)) others.push(opened);
  for (const other of others) closeSync(other);
}

async function setUp(spool: string) {
  const port = new SteeredPort(await Broker.open(new SteeredLog()));
  const publisher = new BusPublisher(port, { producer: "app", spool });
  await publisher.publish("a.b", { n: 0 });
  return { port, publisher };
}

const failed = { code: "LOG_WRITE_FAILED" };
const unknown = { code: "PUBLISH_UNKNOWN" };

t.test("spool: nothing is put behind a write that failed", { skip }, async (t) => {
  const spool = t.testdir();
  const { publisher } = await setUp(spool);
  const disk = fillDisk(spool);
  await t.rejects(publisher.publish("a.b", { n: 1 }), unknown, "part of it may be there");
  disk.mend();
  await t.rejects(publisher.publish("a.b", { n: 2 }), failed);
  await t.rejects(publisher.spooled(), failed);
  await t.rejects(publisher.drain(), failed);
  await t.rejects(publisher.ready(), failed);
  await publisher.close();
  const again = await Spool.open(spool);
  t.ok(again.left.length <= 1, "what is really there is read");
  await again.close();
});

t.test("spool: a removal that fails ends the publisher too", { skip }, async (t) => {
  const spool = t.testdir();
  const { port, publisher } = await setUp(spool);
  const held = latch();
  port.after = () => held.opened;
  const answered = publisher.publish("a.b", { n: 1 });
  await until(() => port.inFlight === 1);
  const disk = fillDisk(spool);
  held.open();
  t.equal(await answered, 1);
  await t.rejects(
    until(() => publisher.spooled().then(() => false)),
    failed,
  );
  disk.mend();
  await t.rejects(publisher.publish("a.b", { n: 2 }), failed);
  await publisher.close();
});

t.test("spool: waiting for it rejects when what was published did not get there", async (t) => {
  const spool = t.testdir();
  const holder = await Spool.open(spool);
  const port = new SteeredPort(await Broker.open(new SteeredLog()));
  const publisher = new BusPublisher(port, { producer: "app", spool });
  const inUse = { code: "SPOOL_IN_USE" };
  const published = t.rejects(publisher.publish("a.b", 1), inUse);
  const waits = [publisher.spooled(), publisher.drain()];
  for (const wait of waits) await t.rejects(wait, inUse);
  await published;
  await publisher.close();
  await holder.close();
});

t.test("spool: a database that is lost in part or whole is not made anew", async (t) => {
  for (const lost of [/^CURRENT$/, /^(?!spool\.json)/, /^(CURRENT|spool\.json)$/]) {
    const dir = t.testdir();
    await (await Spool.open(dir)).close();
    for (const name of await readdir(dir)) if (lost.test(name)) await rm(join(dir, name));
    const left = (await readdir(dir)).filter((name) => /\d\.(log|ldb)$/.test(name));
    await t.rejects(Spool.open(dir), { code: "LOG_CORRUPT" });
    const after = await readdir(dir);
    for (const name of left) t.ok(after.includes(name), `${name} is still there`);
  }
});

t.test("spool: one without its marker is the same spool", async (t) => {
  const dir = t.testdir();
  const first = await Spool.open(dir);
  await first.close();
  await rm(join(dir, "spool.json"));
  const again = await Spool.open(dir);
  t.equal(again.id, first.id);
  await again.close();
  t.ok((await readdir(dir)).includes("spool.json"), "it is written again");
});

t.test("spool: what cannot be opened is not said to be in use", async (t) => {
  const dir = t.testdir({ CURRENT: "MANIFEST-000009\n" });
  await t.rejects(Spool.open(dir), { code: "LOG_CORRUPT" });
});
