import t from "tap";
import { SchemaHistory } from "../../schemas/schema-history.js";

const version = (name: string, number: number, since: number, ...topics: string[]) => ({
  name,
  version: number,
  since,
  topics,
});

t.test("history: tells which version held where, in whatever order it is asked", async (t) => {
  const history = new SchemaHistory([
    version("order", 1, 2, "shop.#"),
    version("order", 3, 8, "shop.order"),
    version("order", 2, 12, "shop.#"),
    version("item", 1, 5, "shop.item"),
  ]);
  const at = (offset: number, topic: string) => {
    const found = history.at(offset, topic);
    return found === undefined ? undefined : `${found.name}@${found.version}`;
  };
  const expected: readonly [number, string, string | undefined][] = [
    [2, "shop.order", undefined],
    [3, "shop.order", "order@1"],
    [9, "shop.order", "order@3"],
    [20, "shop.order", "order@3"],
    [4, "shop.item", "order@1"],
    [6, "shop.item", "item@1"],
    [7, "shop.else", "order@1"],
    [9, "shop.else", undefined],
    [0, "shop.order", undefined],
  ];
  for (const [offset, topic, name] of [...expected, ...expected.toReversed()])
    t.equal(at(offset, topic), name, `${offset} ${topic}`);
  t.match(history.all(7), [
    { name: "item", version: 1 },
    { name: "order", version: 1 },
  ]);
  t.match(history.of(7, "shop.item", "order"), { name: "order", version: 1 });
  t.match(history.of(7, "shop.item", "order@9"), { name: "order", version: 9 });
  history.add(version("order", 4, 30, "shop.order"));
  t.equal(at(30, "shop.order"), "order@3");
  t.equal(at(31, "shop.order"), "order@4");
});
