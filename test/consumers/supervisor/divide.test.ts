import t from "tap";
import { ConsumerHome, entriesOf, StateStore } from "../../../consumers/index.js";
import { checkpointMeta, firstCheckpoint } from "../../../consumers/runner/checkpoint.js";
import { StoredTable } from "../../../consumers/store/stored-table.js";
import { Sweeper } from "../../../consumers/store/sweeper.js";
import { divideAnew } from "../../../consumers/supervisor/rescale.js";

t.test("divided state: what expires is still swept off the disk afterwards", async (t) => {
  const home = new ConsumerHome(t.testdir());
  const before = { generation: 1, parallelism: 1 };
  await home.switchTo(before);
  const store = await StateStore.open(home.storeDir(before, 0));
  for (let group = 0; group < 64; group++) {
    const table = new StoredTable(store, { group, now: () => 0 }, "t");
    table.put("goes", 1, { ttlMs: 1_000 });
    table.put("stays", 1);
  }
  await store.commit([], checkpointMeta(firstCheckpoint("log", 7, "1")));
  await store.close();
  const moment = { next: 7, time: 0 };
  const after = await divideAnew({ name: "c", home }, { parallelism: 3, moment });
  let left = 0;
  for (const partition of [0, 1, 2]) {
    const part = await StateStore.open(home.storeDir(after, partition));
    const sweeper = new Sweeper(part);
    await sweeper.sweep(200_000);
    await part.commit(sweeper.operations(), {});
    for await (const { key } of entriesOf(part)) {
      t.equal(key, "stays");
      left++;
    }
    await part.close();
  }
  t.equal(left, 64);
});
