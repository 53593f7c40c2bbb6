import type { Template } from "./template.js";

export const serve: Template = {
  about:
    "It scores payments with the model `fraud` that is promoted, and tells how right it was when disputes come in.",
  topics: "shop.payment.*",
  plugin: ({ name }) => `import { serve } from "fedbus/consumers";

export default serve({
  name: "${name}",
  version: "1",
  topics: ["shop.payment.made"],
  model: "fraud",
  output: "shop.payment.scored",
  id: "msg.id",
  threshold: 0.8,
  // Until a model is promoted, payments count as harmless.
  missing: { fallback: 0 },
  outcomes: {
    topics: ["shop.payment.checked"],
    id: "msg.id",
    label: "msg.fraud",
    withinMs: 7 * 24 * 3_600_000,
  },
});
`,
  test: `  const [scored] = await h.feed("shop.payment.made", { id: 1, amount: 20 });
  assert.equal(scored.topic, "shop.payment.scored");
  assert.deepEqual(scored.msg, { offset: 0, id: "1", model: "fraud", output: 0, reason: "no-model" });`,
  example: `shop.payment.made '{"id": 1, "amount": 20}'`,
};
