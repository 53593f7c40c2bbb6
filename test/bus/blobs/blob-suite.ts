import { createHash, randomBytes } from "node:crypto";
import type { Test } from "tap";
import type { Bus } from "../../../bus/bus.js";
import { blobChunkBytesMax } from "../../../bus/wire/limits.js";

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** What every bus does with blobs, wherever its log is. */
export function blobSuite(t: Test, open: (t: Test) => Promise<Bus>): void {
  t.test("blobs: what is put is had again by its SHA-256, whatever its size", async (t) => {
    await using bus = await open(t);
    t.same(await bus.blobs.list(), []);
    const sizes = [0, 1, 1000, blobChunkBytesMax, blobChunkBytesMax + 1, 3 * blobChunkBytesMax - 1];
    const blobs = new Map(sizes.map((size) => randomBytes(size)).map((b) => [sha256Of(b), b]));
    for (const [sha256, bytes] of blobs) {
      t.equal(await bus.blobs.has(sha256), false);
      t.equal(await bus.blobs.put(bytes), sha256);
      t.equal(await bus.blobs.has(sha256), true);
      t.ok((await bus.blobs.get(sha256)).equals(bytes), `${bytes.length} bytes`);
      t.equal(await bus.blobs.put(new Uint8Array(bytes)), sha256, "again, it stays");
    }
    const list = [...blobs].map(([sha256, { length }]) => ({ sha256, bytes: length }));
    t.same(
      await bus.blobs.list(),
      list.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    );
    t.ok((await bus.source.blobs.get(list[0]!.sha256)).length >= 0, "the source has them too");
  });

  t.test("blobs: the caller's bytes and the bus's own are apart", async (t) => {
    await using bus = await open(t);
    const bytes = Buffer.from("a model");
    const putting = bus.blobs.put(bytes);
    bytes.fill(0);
    const sha256 = await putting;
    const got = await bus.blobs.get(sha256);
    t.equal(sha256Of(got), sha256);
    got.fill(0);
    t.equal(sha256Of(await bus.blobs.get(sha256)), sha256);
  });

  t.test("blobs: many at once, some of them the same", async (t) => {
    await using bus = await open(t);
    const all = Array.from({ length: 24 }, (_, n) => Buffer.alloc(5000 + (n % 8), `${n % 8}`));
    const names = await Promise.all(all.map((bytes) => bus.blobs.put(bytes)));
    t.same(names, all.map(sha256Of));
    t.equal((await bus.blobs.list()).length, 8);
  });

  t.test("blobs: one that is not there is BLOB_NOT_FOUND, also by no SHA-256 at all", async (t) => {
    await using bus = await open(t);
    await bus.blobs.put(Buffer.from("x"));
    const names = [sha256Of(Buffer.from("y")), "", "..", "../log.json", "A".repeat(64)];
    for (const name of names) {
      t.equal(await bus.blobs.has(name), false);
      await t.rejects(bus.blobs.get(name), { code: "BLOB_NOT_FOUND" });
    }
  });
}
