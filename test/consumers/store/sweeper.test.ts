import t from "tap";
import { entriesOf } from "../../../consumers/index.js";
import { Sweeper } from "../../../consumers/store/sweeper.js";
import { opened } from "./opened.js";

t.test(
  "state: what has expired is swept off the disk, and what was put again is not",
  async (t) => {
    const { store, scope, table } = await opened(t);
    const sweeper = new Sweeper(store);
    for (let key = 0; key < 1_500; key++) table.put(`k${key}`, key, { ttlMs: 1_000 });
    table.put("stays", 1);
    await store.commit(sweeper.operations(), {});
    table.put("k7", "again", { ttlMs: 600_000 });
    await store.commit(sweeper.operations(), {});
    for (scope.time of [0, 61_000, 62_000, 63_000]) {
      await sweeper.sweep(scope.time);
      await store.commit(sweeper.operations(), {});
    }
    const left = [];
    for await (const { key } of entriesOf(store)) left.push(key);
    t.same(left, ["k7", "stays"]);
  },
);

t.test("state: as much is swept off the disk as comes to it", async (t) => {
  const { store, scope, table } = await opened(t);
  const sweeper = new Sweeper(store);
  for (let round = 0; round < 6; round++) {
    scope.time += 120_000;
    for (let key = 0; key < 3_000; key++) table.put(`${round} ${key}`, 1, { ttlMs: 1_000 });
    await sweeper.sweep(scope.time);
    await store.commit(sweeper.operations(), {});
  }
  let left = 0;
  for await (const _ of entriesOf(store)) left++;
  t.ok(left <= 2 * 3_000, `${left} entries are left`);
});
