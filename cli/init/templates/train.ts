import type { Template } from "./template.js";

export const train: Template = {
  about: "It learns which orders come back, and publishes a model every 1,000 orders.",
  topics: "shop.order",
  plugin: ({ name, ts }) => `import { train } from "fedbus/consumers";
${ts(`
interface Order {
  amount: number;
  country: string;
  returned: boolean;
}
`)}
export default train({
  name: "${name}",
  version: "1",
  topics: ["shop.order"],
  features: [
    { path: "msg.amount" },
    { path: "msg.country", encoder: { kind: "one-hot", max: 20 } },
    { path: "timestamp", encoder: { kind: "time", parts: ["hour", "weekday"] } },
  ],
  label: (event) => (event.msg${ts(" as Order")}).returned,
  model: "logistic",
  every: { rows: 1_000 },
});
`,
  test: `  const orders = Array.from({ length: 1_000 }, (_, index) => {
    const amount = (index * 37) % 100;
    return { topic: "shop.order", msg: { amount, country: "no", returned: amount > 60 } };
  });
  const outputs = await h.feedAll(orders);
  const { msg: trained } = outputs.find(({ topic }) => topic === "models." + name + ".trained");
  assert.ok(trained.metrics.logLoss < trained.baseline.logLoss);
  assert.equal((await h.blobs.get(trained.sha256)).length, trained.bytes);`,
  example: `shop.order '{"amount": 70, "country": "no", "returned": true}'`,
};
