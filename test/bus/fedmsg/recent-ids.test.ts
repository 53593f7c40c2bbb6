import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { RecentIds } from "../../../bus/fedmsg/recent-ids.js";

t.test("recent ids: the last so many are known, and twice as many at most", async (t) => {
  const ids = new RecentIds(10);
  const all = Array.from({ length: 100 }, (_, index) => `2026-${index}`);
  for (const id of all) ids.add(id);
  const known = all.map((id) => ids.has(id));
  t.ok(known.slice(-10).every(Boolean));
  t.ok(known.filter(Boolean).length <= 20);
  t.notOk(ids.has("2026-100"), "asking claims nothing");
  t.notOk(ids.has("2026-100"));
});

t.test("recent ids: long ids take no more room than short ones", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const ids = new RecentIds();
  const idOf = (index: number): string => Buffer.alloc(1_000_000, 65 + index).toString("latin1");
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (let index = 0; index < 40; index++) ids.add(idOf(index));
  const grown = used() - before;
  t.ok(grown < 10_000_000, `${grown} bytes for 40 ids of 1 MB`);
  t.ok(ids.has(idOf(0)));
});
