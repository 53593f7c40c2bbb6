import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { blobBytesMax } from "../../../bus/blobs/blob-store.js";
import { FolderBlobs } from "../../../bus/blobs/folder-blobs.js";
import { connect } from "../../../bus/client/connect.js";
import { copyLog } from "../../../bus/log/level/copy-log.js";
import { verify } from "../../../bus/log/verify.js";
import { openBus } from "../../../bus/open-bus.js";
import { Child } from "../child.js";
import { freeUrl } from "../ports.js";
import { below, loops, patienceMs, seeded } from "../seed.js";
import { sha256Of } from "./blob-suite.js";

t.setTimeout(patienceMs);

/** Flips a bit of a file. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 4;
  writeFileSync(path, bytes);
}

t.test(
  "blobs: damage is found when it is read, here and over the wire, and put heals it",
  async (t) => {
    const dir = t.testdir();
    const listen = await freeUrl();
    await using bus = await openBus({ dir, listen });
    await using remote = await connect(listen);
    for (const harm of [damage, (path: string) => truncateSync(path, 1_200_000)]) {
      const bytes = Buffer.alloc(1_500_000, "model");
      const sha256 = await bus.blobs.put(bytes);
      harm(join(dir, "blobs", sha256));
      await t.rejects(bus.blobs.get(sha256), { code: "BLOB_CORRUPT" });
      await t.rejects(remote.blobs.get(sha256), { code: "BLOB_CORRUPT" });
      t.same((await verify(remote.source)).blobs.damaged, [sha256]);
      await (harm === damage ? bus : remote).blobs.put(bytes);
      t.ok((await remote.blobs.get(sha256)).equals(bytes));
      t.same((await verify(bus.source)).blobs, { count: 1, bytes: bytes.length, damaged: [] });
    }
  },
);

t.test("blobs: what a crash left over is removed, what is foreign is not a blob", async (t) => {
  const dir = t.testdir({ blobs: { "one.part": "half", "notes.txt": "mine" } });
  const blobs = await FolderBlobs.open(join(dir, "blobs"));
  const sha256 = await blobs.put(Buffer.from("whole"));
  t.same(readdirSync(join(dir, "blobs")).sort(), [sha256, "notes.txt"].sort());
  t.same(await blobs.list(), [{ sha256, bytes: 5 }]);
  const draft = await blobs.draft(100);
  await draft.append(Buffer.from("half"));
  t.equal(readdirSync(join(dir, "blobs")).length, 3);
  await blobs.close();
  t.equal(readdirSync(join(dir, "blobs")).length, 2, "a close gives up what is not whole");
  await t.rejects(draft.append(Buffer.from("more")), { code: "CLOSED" });
  await t.rejects(blobs.put(Buffer.from("other")), { code: "CLOSED" });
  t.ok(existsSync(join(dir, "blobs", "notes.txt")));
});

t.test("blobs: sizes up to the limit, and a disk that is too full", async (t) => {
  const blobs = await FolderBlobs.open(t.testdir());
  await t.rejects(blobs.draft(blobBytesMax + 1), { code: "BLOB_TOO_LARGE" });
  const draft = await blobs.draft(blobBytesMax);
  await draft.discard();
  const log = { freeBytesMin: Number.MAX_SAFE_INTEGER };
  await using bus = await openBus({ dir: join(t.testdirName, "full"), log });
  await t.rejects(bus.blobs.put(Buffer.from("x")), { code: "LOG_DISK_LOW" });
  t.same(await bus.blobs.list(), []);
});

t.test(
  "blobs: a directory in the way of a write is LOG_WRITE_FAILED, and nothing stays",
  async (t) => {
    const bytes = Buffer.from("x");
    const dir = t.testdir({ [sha256Of(bytes)]: { inside: "" } });
    const blobs = await FolderBlobs.open(dir);
    await t.rejects(blobs.put(bytes), { code: "LOG_WRITE_FAILED" });
    t.same(readdirSync(dir), [sha256Of(bytes)]);
  },
);

t.test(
  "blobs: killed at any moment, every blob is whole, and the acked ones are there",
  async (t) => {
    const random = seeded(t);
    const dir = t.testdir();
    let acked = 0;
    let leftovers = 0;
    for (let round = 0; round < loops("FEDBUS_BLOB_KILLS", 5); round++) {
      const child = await Child.start("blobs/blob-child", { dir, round });
      const after = 1 + below(random, 30);
      const names: string[] = [];
      while (names.length < after)
        names.push((await child.message<{ sha256: string }>("put")).sha256);
      await child.kill();
      leftovers += readdirSync(join(dir, "blobs")).filter((name) => name.endsWith(".part")).length;
      await using bus = await openBus({ dir });
      for (const sha256 of names) {
        const bytes = await bus.blobs.get(sha256);
        t.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
      }
      const { blobs } = await verify(bus.source);
      t.same(blobs.damaged, []);
      acked += names.length;
      t.ok(blobs.count >= acked);
      t.equal(readdirSync(join(dir, "blobs")).length, blobs.count, "nothing lies aside");
    }
    t.comment(`${acked} acked, ${leftovers} left in part by the kills`);
  },
);

t.test("blobs: a backup has them, adds new ones, and leaves out damaged ones", async (t) => {
  const dir = t.testdir();
  const target = join(dir, "backup");
  await using bus = await openBus({ dir: join(dir, "log") });
  await using publisher = bus.publisher();
  const first = await bus.blobs.put(Buffer.from("first"));
  await publisher.publish("models.a.trained", { sha256: first });
  t.same((await copyLog(bus.source, target)).blobs, { count: 1, bytes: 5, damaged: [] });
  const second = await bus.blobs.put(Buffer.from("second"));
  const bad = await bus.blobs.put(Buffer.from("third"));
  damage(join(dir, "log", "blobs", bad));
  t.same((await copyLog(bus.source, target)).blobs, { count: 1, bytes: 6, damaged: [bad] });
  await using copy = await openBus({ dir: target });
  t.equal(String(await copy.blobs.get(first)), "first");
  t.equal(String(await copy.blobs.get(second)), "second");
  t.equal(await copy.blobs.has(bad), false);
});
