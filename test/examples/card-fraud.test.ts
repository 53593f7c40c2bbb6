import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { loadPlugin } from "../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../consumers/running.js";
import { numberIn, testPlay } from "./played.js";

const folder = fileURLToPath(new URL("../../../examples/card-fraud", import.meta.url));

testPlay("card-fraud", "fraud_handbook_sim", (t, { lines, isReal }) => {
  const quality = (name: string) => numberIn(lines, new RegExp(`^${name} +AUC ([0-9.]+)`));
  for (const model of ["logistic", "trees"]) {
    t.ok(quality(model) > quality("amount") + 0.1, `${model} tells more than the amount`);
    t.ok(numberIn(lines, new RegExp(`^${model} .* ([0-9]+) models`)) >= 2, `${model} is refitted`);
  }
  if (!isReal) t.ok(quality("trees") > 0.95, "what was made up is easy to find");
  const decided = numberIn(lines, /^([0-9]+) decisions/);
  t.equal(decided, isReal ? 9_406 : 4_200, "each payment is decided on once");
});

t.test("card-fraud: the best answer in time decides", async (t) => {
  const bus = await memoryBus(t);
  const { consumer } = await loadPlugin("decide.ts", { from: folder });
  const running = start(bus, consumer, {
    ...{ dir: join(t.testdir(), "decide"), config: { budgetMs: 300 } },
  });
  await using publisher = bus.publisher();
  const answer = (model: string, id: string, output: number | null) =>
    publisher.publish(`card.scored.${model}`, { id, output });
  const payments = ["both", "one", "none", "late", "unfitted"];
  for (const tx of payments)
    await publisher.publish("card.enriched", { tx, amount: tx === "none" ? 500 : 20 });
  await answer("logistic", "both", 0.2);
  await answer("trees", "both", 0.9);
  await answer("logistic", "one", 0.3);
  await answer("trees", "unfitted", null);
  await answer("logistic", "unfitted", 0.4);
  const decided = async () =>
    (await eventsOn(bus, "card.decided")).map(({ msg }) => msg as Record<string, unknown>);
  while ((await decided()).length < payments.length)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await answer("trees", "late", 0.9);
  await running.caughtUp();
  await running.stop();
  const found = await decided();
  const of = (tx: string) => {
    const { by, score } = found.find((one) => one.tx === tx)!;
    return [by, score];
  };
  t.equal(found.length, payments.length);
  t.strictSame(payments.map(of), [
    ["trees", 0.9],
    ["logistic", 0.3],
    ["rule", 1],
    ["rule", 0],
    ["logistic", 0.4],
  ]);
  for (const { tx, tookMs } of found) {
    if (["both", "unfitted"].includes(tx as string)) continue;
    t.equal(tookMs, 300, `${tx} waits to the end`);
  }
});
