import { readdirSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { blobBytesMax } from "../../../bus/blobs/blob-store.js";
import { FolderBlobs } from "../../../bus/blobs/folder-blobs.js";
import { connect } from "../../../bus/client/connect.js";
import { BlobUploads } from "../../../bus/hub/blob-uploads.js";
import { openBus } from "../../../bus/open-bus.js";
import { blobChunkBytesMax } from "../../../bus/wire/limits.js";
import { openDealer } from "../../../bus/wire/sockets.js";
import { sha256Of } from "../blobs/blob-suite.js";
import { Child } from "../child.js";
import { freeUrl } from "../ports.js";
import { patienceMs } from "../seed.js";

t.setTimeout(patienceMs);

async function opened(t: Test, dir: string): Promise<FolderBlobs> {
  const blobs = await FolderBlobs.open(dir);
  t.teardown(() => blobs.close());
  return blobs;
}

const bytes = Buffer.alloc(3000, "blob");
const sha256 = sha256Of(bytes);
const piece = (upload: string, at: number, part: Buffer, more = {}) => ({
  ...{ upload, sha256, bytes: bytes.length, at, part },
  ...more,
});

t.test(
  "uploads: pieces that do not join on change nothing, and the answer says where to",
  async (t) => {
    const dir = t.testdir();
    const storage = await opened(t, dir);
    const uploads = new BlobUploads(storage);
    const [a, b] = [bytes.subarray(0, 1000), bytes.subarray(1000)];
    t.same(await uploads.take(piece("u", 1000, b)), { received: 0, done: false }, "never begun");
    t.same(await uploads.take(piece("u", 0, a)), { received: 1000, done: false });
    t.same(await uploads.take(piece("u", 0, a)), { received: 1000, done: false }, "again");
    t.same(await uploads.take(piece("u", 2000, b.subarray(1000))), { received: 1000, done: false });
    t.same(await uploads.take(piece("u", 1000, b)), { received: 3000, done: true });
    t.same(await uploads.take(piece("u", 1000, b)), { received: 3000, done: true }, "answer lost");
    t.same(await uploads.take(piece("v", 0, a)), { received: 3000, done: true }, "there already");
    t.ok((await storage.get(sha256)).equals(bytes));
    t.same(readdirSync(dir), [sha256]);
  },
);

t.test("uploads: what is not what it says is refused, and nothing of it stays", async (t) => {
  const dir = t.testdir();
  const uploads = new BlobUploads(await opened(t, dir));
  const other = Buffer.alloc(3000, "other");
  await t.rejects(uploads.take(piece("u", 0, other)), { code: "BLOB_CORRUPT" });
  const large = { bytes: blobBytesMax + 1 };
  await t.rejects(uploads.take(piece("u", 0, other, large)), { code: "BLOB_TOO_LARGE" });
  await uploads.take(piece("u", 0, bytes.subarray(0, 10)));
  for (const wrong of [
    piece("u", 10, bytes, {}),
    piece("u", 10, bytes.subarray(10, 20), { bytes: 20 }),
    piece("", 0, bytes),
    piece("x".repeat(129), 0, bytes),
    piece("v", 0, bytes, { sha256: "../../x" }),
    piece("v", 0, Buffer.alloc(blobChunkBytesMax + 1), { bytes: blobBytesMax }),
  ])
    await t.rejects(uploads.take(wrong), { code: "PROTOCOL_INVALID" });
  t.same(readdirSync(dir), []);
});

t.test("uploads: so many at once, so many bytes, and idle ones make room", async (t) => {
  const dir = t.testdir();
  const uploads = new BlobUploads(await opened(t, dir), { uploadsMax: 2, idleMs: 60_000 });
  const begun = (upload: string, more = {}) =>
    uploads.take(piece(upload, 0, bytes.subarray(0, 9), more));
  await begun("1");
  await begun("2");
  await t.rejects(begun("3"), { code: "HUB_BUSY" });
  const many = new BlobUploads(await opened(t, join(dir, "many")));
  const first = bytes.subarray(0, 9);
  for (const upload of ["1", "2"])
    await many.take(piece(upload, 0, first, { bytes: blobBytesMax }));
  await t.rejects(many.take(piece("3", 0, first, { bytes: 10 })), { code: "HUB_BUSY" });
  const hasty = new BlobUploads(await opened(t, join(dir, "hasty")), {
    uploadsMax: 1,
    idleMs: 0,
  });
  for (const upload of ["1", "2", "3"]) await hasty.take(piece(upload, 0, first));
  t.equal(readdirSync(join(dir, "hasty")).length, 1, "the others were given up");
});

t.test("uploads: hostile requests are answered, and the hub goes on", async (t) => {
  const listen = await freeUrl();
  await using bus = await openBus({ dir: t.testdir(), listen });
  const dealer = openDealer(listen, () => {});
  t.teardown(() => dealer.close());
  const ask = async (op: string, params: object, ...frames: Buffer[]) => {
    await dealer.send([JSON.stringify({ id: 1, op, params }), ...frames]);
    return JSON.parse((await dealer.receive())[0]!.toString()) as { error?: { code: string } };
  };
  const part = { upload: "u", sha256, bytes: 3000, at: 0 };
  for (const [params, frames] of [
    [part, []],
    [part, [bytes, bytes]],
    [{ ...part, at: -1 }, [bytes]],
    [{ ...part, bytes: 1.5 }, [bytes]],
    [{ ...part, sha256: 7 }, [bytes]],
  ] as const)
    t.match(await ask("put-blob", params, ...frames), { error: { code: "PROTOCOL_INVALID" } });
  const missing = { error: { code: "BLOB_NOT_FOUND" } };
  t.match(await ask("get-blob", { sha256: "../log.json", from: 0 }), missing);
  await bus.blobs.put(bytes);
  t.match(await ask("get-blob", { sha256, from: 5000 }), { result: { bytes: 3000 } });
  t.match(await ask("get-blob", { sha256 }), { error: { code: "PROTOCOL_INVALID" } });
});

t.test("uploads: a hub that is killed meanwhile only delays a put", async (t) => {
  const url = await freeUrl();
  const dir = t.testdir();
  let hub = await Child.start("hub-child", { dir, url });
  await using bus = await connect(url, { timeoutMs: 500 });
  const blobs = Array.from({ length: 6 }, (_, n) => Buffer.alloc(9_000_000, `${n}`));
  let ended = false;
  const putting = (async () => {
    const names: string[] = [];
    for (const blob of blobs) names.push(await bus.blobs.put(blob));
    return names;
  })().finally(() => {
    ended = true;
  });
  for (let kill = 0; kill < 3 && !ended; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    await hub.kill();
    hub = await Child.start("hub-child", { dir, url });
  }
  t.same(await putting, blobs.map(sha256Of));
  for (const blob of blobs) t.ok((await bus.blobs.get(sha256Of(blob))).equals(blob));
  await hub.ask("close");
  await hub.kill();
  t.same(readdirSync(join(dir, "blobs")).sort(), blobs.map(sha256Of).sort());
});
