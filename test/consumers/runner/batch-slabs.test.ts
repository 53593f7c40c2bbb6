import t from "tap";
import { BatchSlabs } from "../../../consumers/runner/batch-slabs.js";

const full = 256 * 1024;
const batchOf = (block: Buffer) => ({ seq: 0, count: 1, block });

t.test("slabs: memory is used again once it was given back, and not before", (t) => {
  const slabs = new BatchSlabs();
  const first = slabs.take(full);
  t.equal(first.length, full);
  const second = slabs.take(full + 1_000);
  t.not(second.buffer, first.buffer);
  slabs.giveBack([batchOf(first)]);
  t.equal(slabs.take(full + 10).buffer, first.buffer);
  t.not(slabs.take(full).buffer, first.buffer);
  t.end();
});

t.test("slabs: small and very large batches get memory of their own", (t) => {
  const slabs = new BatchSlabs();
  for (const bytes of [500, 2 * full]) {
    const block = slabs.take(bytes);
    t.equal(block.buffer.byteLength, bytes);
    slabs.giveBack([batchOf(block)]);
    t.not(slabs.take(bytes).buffer, block.buffer);
  }
  t.end();
});

t.test("slabs: so many are kept and no more", (t) => {
  const slabs = new BatchSlabs();
  const taken = Array.from({ length: 33 }, () => slabs.take(full));
  slabs.giveBack(taken.map(batchOf));
  const old = new Set(taken.map(({ buffer }) => buffer));
  const again = Array.from({ length: 33 }, () => slabs.take(full));
  t.equal(again.filter(({ buffer }) => old.has(buffer)).length, 32);
  t.end();
});
