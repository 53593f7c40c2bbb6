import t from "tap";
import {
  type CoOccurrence,
  type CoOccurrenceHyper,
  coOccurrence,
} from "../../../../consumers/models/learners/co-occurrence/co-occurrence.js";
import { WeightedItems } from "../../../../consumers/models/learners/co-occurrence/weighted-items.js";
import { randomOf } from "../trees/samples.js";
import { stored } from "./streams.js";

function taught(
  baskets: readonly (readonly string[])[],
  given: Partial<CoOccurrenceHyper> = {},
): CoOccurrence {
  const learner = coOccurrence.open({ ...coOccurrence.defaults, minBoth: 1, ...given });
  for (const basket of baskets) learner.learn(basket);
  return learner;
}

const shop = [
  ["bread", "butter"],
  ["bread", "butter", "jam"],
  ["bread", "milk"],
  ["milk"],
  ["butter", "jam"],
  ["bread", "bread", "butter"],
];

t.test("co-occurrence: scores are those of the definitions", async (t) => {
  // Of 6 baskets bread is in 4, butter in 4, both in 3; jam is in 2, with butter in 2.
  const scoreOf = (score: CoOccurrenceHyper["score"], item: string, other: string) =>
    taught(shop, { score })
      .recommend([item])
      .find((one) => one.item === other)?.score;
  t.equal(scoreOf("count", "bread", "butter"), 3);
  t.equal(scoreOf("confidence", "bread", "butter"), 3 / 4);
  t.equal(scoreOf("confidence", "jam", "butter"), 1);
  t.equal(scoreOf("lift", "bread", "butter"), (3 * 6) / 16);
  t.equal(scoreOf("jaccard", "bread", "butter"), 3 / 5);
  t.equal(scoreOf("cosine", "jam", "butter"), 2 / Math.sqrt(8));
  t.equal(scoreOf("cosine", "jam", "milk"), undefined);
});

t.test("co-occurrence: recommends what goes with the whole basket, the best first", async (t) => {
  const learner = taught(shop, { score: "count" });
  t.same(learner.recommend(["bread", "jam"]), [
    { item: "butter", score: 5 },
    { item: "milk", score: 1 },
  ]);
  t.same(learner.recommend(["bread", "jam"], 1).length, 1);
  t.same(learner.recommend(["caviar"]), []);
  t.same(learner.recommend([]), []);
  t.same(taught(shop, { minBoth: 2, score: "count" }).recommend(["bread"]), [
    { item: "butter", score: 3 },
  ]);
});

t.test("co-occurrence: counts what plain enumeration counts", async (t) => {
  const next = randomOf(4);
  const baskets = Array.from({ length: 500 }, () =>
    Array.from({ length: 1 + Math.floor(next() * 5) }, () => `i${Math.floor(next() * 12)}`),
  );
  const learner = taught(baskets, { score: "count" });
  for (let i = 0; i < 12; i++) {
    const scores = new Map(
      learner.recommend([`i${i}`], 20).map(({ item, score }) => [item, score]),
    );
    for (let j = 0; j < 12; j++) {
      const both = baskets.filter((one) => one.includes(`i${i}`) && one.includes(`i${j}`)).length;
      if (i !== j) t.equal(scores.get(`i${j}`) ?? 0, both);
    }
  }
});

t.test("co-occurrence: a basket counts half after its half-life", async (t) => {
  const learner = taught([["a", "b"], ...new Array(10).fill(["c"])], {
    score: "count",
    halfLife: 10,
    minBoth: 0,
  });
  const [{ item, score } = { item: "", score: 0 }] = learner.recommend(["a"]);
  t.equal(item, "b");
  t.ok(Math.abs(score - 0.5) < 1e-12, `${score}`);
});

t.test("co-occurrence: decay goes on for ever without overflow", async (t) => {
  const learner = taught(new Array(5_000).fill(["a", "b"]), { score: "count", halfLife: 1 });
  const [first] = learner.recommend(["a"]);
  t.ok(Math.abs(first!.score - 2) < 1e-9, `${first!.score}: the sum of 1, 1/2, 1/4, ...`);
});

t.test(
  "co-occurrence: keeps no more items and neighbours than it may, the frequent ones",
  async (t) => {
    const baskets = Array.from({ length: 3_000 }, (_, i) => [
      `often${i % 3}`,
      "always",
      `once${i}`,
    ]);
    const learner = taught(baskets, { itemsMax: 10, neighboursMax: 5, score: "count" });
    const state = learner.save();
    const names = JSON.parse(state.names as string) as string[];
    t.ok(names.length <= 20, `${names.length} items`);
    t.ok((state.counts as readonly number[]).every((count) => count <= 10));
    for (const name of ["always", "often0", "often1", "often2"]) t.ok(names.includes(name));
    t.equal(learner.recommend(["always"])[0]!.score, 1_000);
  },
);

t.test("co-occurrence: looks at so many items of a basket only", async (t) => {
  const learner = taught([["a", "b", "c", "d"]], { basketItemsMax: 3 });
  t.same(
    learner.recommend(["a"]).map(({ item }) => item),
    ["b", "c"],
  );
});

t.test(
  "co-occurrence: goes on from a checkpoint with the same bits, forgetting included",
  async (t) => {
    const next = randomOf(9);
    const baskets = Array.from({ length: 2_000 }, () =>
      Array.from({ length: 1 + Math.floor(next() * 4) }, () => `i${Math.floor(next() ** 3 * 200)}`),
    );
    const hyper = { ...coOccurrence.defaults, itemsMax: 20, neighboursMax: 6, halfLife: 100 };
    const all = taught(baskets, hyper);
    for (const at of [0, 1, 200, 999, 1_999]) {
      const before = taught(baskets.slice(0, at), hyper);
      const after = coOccurrence.open(hyper, stored(before.save()));
      for (const basket of baskets.slice(at)) after.learn(basket);
      t.same(after.save(), all.save(), `from basket ${at}`);
      t.same(after.recommend(["i1", "i2"]), all.recommend(["i1", "i2"]));
    }
  },
);

t.test(
  "weighted items: the lighter half goes when there are twice as many as may be",
  async (t) => {
    const items = new WeightedItems(2);
    for (const [item, weight] of [
      ["a", 5],
      ["b", 1],
      ["c", 3],
      ["d", 3],
    ] as const)
      t.same(items.add(item, weight), []);
    t.same(items.add("e", 9), ["c", "d", "b"]);
    t.same(
      [...items.entries()],
      [
        ["a", 5],
        ["e", 9],
      ],
    );
    t.equal(items.of("b"), 0);
  },
);
