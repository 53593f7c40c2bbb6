import t from "tap";
import { type RecommendSpec, recommend } from "../../../consumers/index.js";
import { below, seeded } from "../../bus/seed.js";
import { busOf, type Given, over } from "../over-log.js";
import { bodiesOn, randomOf } from "../train/orders.js";

interface Answer {
  readonly basket: readonly string[];
  readonly items: readonly { readonly item: string; readonly score: number }[];
}

/** Baskets of things of one colour, mostly, with questions between. */
function shop(count: number): Given[] {
  const random = randomOf(9);
  return Array.from({ length: count }, (_, index): Given[] => {
    const colour = ["red", "blue", "green"][index % 3]!;
    const items = Array.from({ length: 3 }, () => `${colour} ${Math.floor(random() * 6)}`);
    if (random() < 0.2) items.push("bag");
    const basket: Given = { topic: "shop.basket", msg: { items } };
    return index % 10 === 9 ? [basket, { topic: "shop.ask", msg: { items: ["red 1"] } }] : [basket];
  }).flat();
}

const spec: RecommendSpec = {
  name: "together",
  topics: ["shop.basket"],
  items: "msg.items",
  ask: { topics: ["shop.ask"] },
  count: 3,
};

t.test(
  "recommend: answers with what goes together, and tells how often it would have known",
  async (t) => {
    await using bus = await busOf(shop(2_000));
    const { outputs } = await over(bus, recommend(spec));
    const answers = bodiesOn<Answer>(outputs, "models.together.recommendation");
    t.equal(answers.length, 200);
    const last = answers.at(-1)!;
    t.same(last.basket, ["red 1"]);
    t.equal(last.items.length, 3);
    t.ok(last.items.every(({ item }) => item.startsWith("red") && item !== "red 1"));
    const [first, second] = bodiesOn<{ baskets: number; window: { hitRate: number } }>(
      outputs,
      "models.together.metrics",
    );
    t.equal(second!.baskets, 2_000);
    t.ok(second!.window.hitRate > 0.3 && first!.window.hitRate > 0.2, `${second!.window.hitRate}`);
  },
);

t.test("recommend: without questions each basket is answered, before it is learnt", async (t) => {
  const { ask: _, ...rest } = spec;
  const baskets = [["a", "b"], ["a", "b"], ["a"], "no list", [1, null]];
  await using bus = await busOf(baskets.map((items) => ({ topic: "shop.basket", msg: { items } })));
  const { outputs } = await over(bus, recommend(rest));
  const answers = bodiesOn<Answer>(outputs, "models.together.recommendation");
  t.same(
    answers.map(({ items }) => items.map(({ item }) => item)),
    [[], [], ["b"], []],
  );
  t.same(answers.at(-1)!.basket, ["1"]);
});

t.test("recommend: the same in commits of any size, and after any stop", async (t) => {
  const random = seeded(t);
  await using bus = await busOf(shop(2_300));
  const small = recommend({ ...spec, hyper: { itemsMax: 12, neighboursMax: 4, halfLife: 300 } });
  const whole = await over(bus, small);
  for (let run = 0; run < 2; run++) {
    const commitEventsMax = 30 + below(random, 400);
    const crashAt = [1, 2, 3, 4].map(() => 1 + below(random, Math.ceil(7_000 / commitEventsMax)));
    const parted = await over(bus, small, { limits: { commitEventsMax }, crashAt });
    t.equal(parted.bytes, whole.bytes);
    t.equal(parted.sha256, whole.sha256);
  }
});

t.test("recommend: all that is wrong with its options is said at once", (t) => {
  t.throws(() => recommend({ ...spec, count: 0, ask: {} as never }), {
    code: "OPTIONS_INVALID",
    message: /ask is wrong: topics must.*count must/,
  });
  t.throws(() => recommend({ ...spec, hyper: { score: "best" as never } }), {
    code: "OPTIONS_INVALID",
  });
  t.end();
});
