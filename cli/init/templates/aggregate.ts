import type { Template } from "./template.js";

export const aggregate: Template = {
  about: "It counts and sums the orders of each customer in every minute.",
  topics: "shop.order.*",
  plugin: ({ name }) => `import { aggregate, count, sum, tumbling } from "fedbus/consumers";

export default aggregate({
  name: "${name}",
  version: "1",
  topics: ["shop.order.*"],
  key: "msg.customer",
  window: tumbling({ sizeMs: 60_000 }),
  outOfOrderMs: 5_000,
  accumulators: { orders: count(), total: sum("msg.total") },
  output: "shop.minute",
});
`,
  test: `  for (const total of [1, 2, 4])
    assert.deepEqual(await h.feed("shop.order.created", { customer: "ada", total }), []);
  // Nothing comes any more: event time goes on with the log's, and the window closes.
  const [output] = await h.advance(66_000);
  assert.equal(output.topic, "shop.minute");
  assert.equal(output.msg.key, "ada");
  assert.equal(output.msg.orders, 3);
  assert.equal(output.msg.total, 7);`,
  example: `shop.order.created '{"customer": "ada", "total": 9.5}'`,
};
