import { fileURLToPath } from "node:url";
import t from "tap";
import { until } from "../../bus/turns.js";
import { openWorkbench } from "../supervisor/workbench.js";
import { orders } from "./orders.js";

const watchdogMs = 2_000;

/** Where compiled code lies. */
const built = (path: string): string =>
  fileURLToPath(new URL(`../../../consumers/${path}`, import.meta.url));

/** Fits the same model again and again, as trees are fitted, until that took longer than the watchdog waits. */
const plugin = `import { train } from "fedbus/consumers";
import { boostedTrees } from ${JSON.stringify(built("models/trees/boosted-trees.js"))};
export default train({
  name: "returned",
  topics: ["shop.order"],
  features: [{ path: "msg.amount" }, { path: "msg.shop", encoder: "one-hot" }],
  label: "msg.returned",
  model: {
    ...boostedTrees,
    fit: async (...given) => {
      const end = performance.now() + ${1.5 * watchdogMs};
      for (;;) {
        const model = await boostedTrees.fit(...given);
        if (performance.now() > end) return model;
      }
    },
  },
  task: "binary",
  hyper: { trees: 20 },
});
`;

t.test("train: a fit that takes longer than the watchdog waits is not ended", async (t) => {
  const bench = await openWorkbench(t);
  await using publisher = bench.bus.publisher();
  await publisher.publishMany(orders(1_000).map(({ topic, msg }) => ({ topic, msg })));
  const consumer = await bench.open(bench.plugin("returned.mjs", plugin), {
    limits: { watchdogMs },
  });
  await until(async () => (await bench.bodies("models.returned.trained")).length === 1);
  t.equal(consumer.status.restarts, 0, bench.logged.join("\n"));
});
