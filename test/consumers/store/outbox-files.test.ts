import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { encodeEnvelopes } from "../../../bus/block/encode-batch.js";
import { Block, type NumberedBatch, type Operation, openBus } from "../../../bus/index.js";
import {
  boundedFeed,
  consumer,
  outboxBatches,
  Runner,
  StateStore,
} from "../../../consumers/index.js";
import { outboxOperations } from "../../../consumers/runner/outbox.js";
import { FedbusError } from "../../../schemas/index.js";

/** A batch of `count` outputs, numbered from `seq` on. */
function batch(seq: number, count: number): NumberedBatch {
  const envelopes = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ topic: "out", msg: { number: seq + index } }),
  );
  return { seq, count, block: encodeEnvelopes(envelopes) };
}

const answered = (...seqs: number[]): Operation[] => outboxOperations([], seqs);

async function left(store: StateStore): Promise<NumberedBatch[]> {
  const batches: NumberedBatch[] = [];
  for await (const one of outboxBatches(store)) batches.push(one);
  return batches;
}

const files = (dir: string): Promise<string[]> => readdir(join(dir, "outbox"));

async function withFiles(t: Test) {
  const dir = t.testdir();
  const batches = [batch(0, 3), batch(3, 2), batch(5, 1), batch(6, 4)] as const;
  const store = await StateStore.open(dir);
  await store.commit([], {}, [batches[0], batches[1]]);
  await store.commit(outboxOperations([batches[2]], []), {});
  await store.commit([], {}, [batches[3]]);
  return { dir, store, batches };
}

t.test(
  "outbox: batches in files and in the database are read in order, now and later",
  async (t) => {
    const { dir, store, batches } = await withFiles(t);
    t.strictSame(await left(store), batches);
    t.strictSame(await files(dir), ["0.blocks", "6.blocks"]);
    await store.close();
    const again = await StateStore.open(dir);
    t.strictSame(await left(again), batches);
    t.strictSame(await files(dir), ["0.blocks", "6.blocks"]);
    await again.close();
  },
);

t.test("outbox: a file stays until the last of its batches is answered", async (t) => {
  const { dir, store, batches } = await withFiles(t);
  await store.commit(answered(0), {});
  t.strictSame(await left(store), batches.slice(1));
  t.strictSame(await files(dir), ["0.blocks", "6.blocks"]);
  await store.commit(answered(6), {});
  await store.commit(answered(3), {});
  t.strictSame(await left(store), [batches[2]]);
  t.strictSame(await files(dir), []);
  await store.close();
});

t.test(
  "outbox: what a process has left without a reference goes, and its name is free",
  async (t) => {
    const { dir, store, batches } = await withFiles(t);
    await store.commit(answered(0, 3), {});
    await store.close();
    for (const name of ["0.blocks", "10.blocks"])
      await writeFile(join(dir, "outbox", name), "what a crash has left");
    const again = await StateStore.open(dir);
    t.strictSame(await files(dir), ["6.blocks"]);
    const next = batch(10, 2);
    await again.commit([], {}, [next]);
    t.strictSame(await left(again), [batches[2], batches[3], next]);
    await again.close();
  },
);

t.test("outbox: a file that is cut short or gone is an error", async (t) => {
  const { dir, store } = await withFiles(t);
  await truncate(join(dir, "outbox", "6.blocks"), 20);
  await t.rejects(left(store), { code: "STATE_CORRUPT" });
  await rm(join(dir, "outbox", "0.blocks"));
  await t.rejects(left(store), FedbusError);
  await store.close();
});

t.test("outbox: outputs are the same wherever they are kept", async (t) => {
  const dir = t.testdir();
  await using bus = await openBus({ dir: join(dir, "log") });
  await using publisher = bus.publisher();
  await publisher.publishMany(
    Array.from({ length: 3_000 }, (_, msg) => ({ topic: "in", msg: `é ${msg}`.padEnd(200) })),
  );
  const { head } = await bus.source.info();
  const echo = consumer({
    name: "echo",
    topics: ["in"],
    handle: ({ msg }, { emit }) => emit("out", msg),
  });
  const outputsWith = async (outboxFileBytesMin: number): Promise<NumberedBatch[]> => {
    const store = await StateStore.open(join(dir, `store-${outboxFileBytesMin}`));
    const feed = boundedFeed(bus.source, head);
    const limits = { outboxFileBytesMin, commitEventsMax: 700 };
    await new Runner({ consumer: echo, config: {}, store, source: bus.source, feed, limits }).run();
    const batches = await left(store);
    await store.close();
    return batches;
  };
  const inDatabase = await outputsWith(Number.MAX_SAFE_INTEGER);
  const inFiles = await outputsWith(0);
  t.strictSame(inFiles, inDatabase);
  const texts = inFiles.flatMap(({ block }) => Block.decode(block).parse() as { msg: string }[]);
  t.strictSame(
    texts.map(({ msg }) => msg.trim()),
    Array.from({ length: 3_000 }, (_, number) => `é ${number}`),
  );
  t.ok((await files(join(dir, "store-0"))).length > 3);
  t.notOk((await readdir(join(dir, `store-${Number.MAX_SAFE_INTEGER}`))).includes("outbox"));
});
