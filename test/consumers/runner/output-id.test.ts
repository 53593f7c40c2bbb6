import t from "tap";
import { OutputIds } from "../../../consumers/index.js";

t.test("output ids: no two consumers, groups, offsets or indexes give the same", (t) => {
  const ids = new Set<string>();
  let count = 0;
  const add = (id: string): void => {
    ids.add(id);
    count++;
  };
  // With 12 bits for the name, some of so many consumers would meet.
  for (let consumer = 0; consumer < 500; consumer++)
    add(new OutputIds(`c${consumer}`).idOf(1_700_000_000_000, 4711, 0, 0));
  const one = new OutputIds("one");
  for (let group = 0; group < 128; group++)
    for (const offset of [0, 1, 2 ** 12, 2 ** 24, 2 ** 33])
      for (const index of [0, 1, 4_095, 4_096, 100_000])
        add(one.idOf(1_700_000_000_000, offset, group, index));
  t.equal(ids.size, count);
  for (const id of ids)
    if (!/^2023-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))
      t.fail(id);
  t.equal(one.groupOf(one.idOf(5, 7, 42, 3), 5, 7, 3), 42);
  t.equal(one.groupOf("something else", 5, 7, 3), undefined);
  t.end();
});
