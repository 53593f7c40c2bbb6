import t from "tap";
import { MemoryBlobs } from "../../../bus/blobs/memory-blobs.js";
import { connect } from "../../../bus/client/connect.js";
import { openBus } from "../../../bus/open-bus.js";
import { freeUrl } from "../ports.js";
import { blobSuite, sha256Of } from "./blob-suite.js";

t.test("in memory", async (t) => blobSuite(t, () => openBus()));

t.test("on disk", async (t) => blobSuite(t, (t) => openBus({ dir: t.testdir() })));

t.test("over the wire", async (t) => {
  blobSuite(t, async (t) => {
    const listen = await freeUrl();
    const hub = await openBus({ dir: t.testdir(), listen });
    t.teardown(() => hub.close());
    return await connect(listen);
  });
});

t.test("over the wire, from memory", async (t) => {
  blobSuite(t, async (t) => {
    const listen = await freeUrl();
    const hub = await openBus({ listen });
    t.teardown(() => hub.close());
    return await connect(listen);
  });
});

t.test("blobs: in memory the oldest go when it is full", async (t) => {
  const blobs = new MemoryBlobs({ bytesMax: 10 });
  const [a, b, c] = [Buffer.from("aaaa"), Buffer.from("bbbbbb"), Buffer.from("c")];
  await blobs.put(a);
  await blobs.put(b);
  t.equal((await blobs.list()).length, 2, "exactly full");
  await blobs.put(c);
  t.equal(await blobs.has(sha256Of(a)), false);
  t.equal(await blobs.has(sha256Of(b)), true);
  await blobs.put(Buffer.alloc(10));
  await t.rejects(blobs.put(Buffer.alloc(11)), { code: "BLOB_TOO_LARGE" });
});
