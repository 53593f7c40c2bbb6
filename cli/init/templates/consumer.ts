import type { Template } from "./template.js";

export const consumer: Template = {
  about: "It reminds of orders that nobody has paid within an hour, by state and a timer.",
  topics: "shop.order.*",
  plugin: ({ name, ts }) => `import { consumer } from "fedbus/consumers";
${ts(`
interface Order {
  id: string;
}

interface Config {
  waitMs: number;
}
`)}
export default consumer${ts("<Config>")}({
  name: "${name}",
  version: "1",
  topics: ["shop.order.*"],
  config: {
    type: "object",
    additionalProperties: false,
    properties: {
      waitMs: { type: "integer", default: 3_600_000, description: "How long an order may be unpaid" },
    },
  },
  key: (event) => (event.msg${ts(" as Order")}).id,
  handle(event, { config, now, state, timers }) {
    const order = event.msg${ts(" as Order")};
    if (event.topic === "shop.order.paid") state.delete(order.id);
    if (event.topic !== "shop.order.created") return;
    state.put(order.id, order);
    timers.set("log", now() + config.waitMs, order.id);
  },
  timer({ key }, { emit, state }) {
    const order = state.get(key);
    if (order === undefined) return;
    state.delete(key);
    emit("shop.reminder", order, { key });
  },
});
`,
  test: `  await h.feed("shop.order.created", { id: "a" });
  await h.feed("shop.order.created", { id: "b" });
  await h.feed("shop.order.paid", { id: "b" });
  assert.deepEqual(await h.advance(3_599_000), []);
  const reminders = await h.advance(2_000);
  assert.deepEqual(reminders.map(({ topic, msg }) => [topic, msg]), [["shop.reminder", { id: "a" }]]);`,
  example: `shop.order.created '{"id": "a"}'`,
};
