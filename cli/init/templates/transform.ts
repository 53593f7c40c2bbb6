import type { Template } from "./template.js";

export const transform: Template = {
  about: "It makes of each order an event with the total in cents, and leaves small ones out.",
  topics: "shop.order.*",
  plugin: ({ name, ts }) => `import { transform } from "fedbus/consumers";
${ts(`
interface Order {
  id: number;
  total: number;
}

interface Config {
  minimum: number;
}
`)}
export default transform${ts("<Config>")}({
  name: "${name}",
  version: "1",
  topics: ["shop.order.*"],
  config: {
    type: "object",
    additionalProperties: false,
    properties: {
      minimum: { type: "number", default: 1, description: "Smaller totals are left out" },
    },
  },
  handle(event, { config }) {
    const { id, total } = event.msg${ts(" as Order")};
    if (total < config.minimum) return undefined;
    return { topic: "shop.total", msg: { id, cents: Math.round(total * 100) } };
  },
});
`,
  test: `  assert.deepEqual(await h.feed("shop.order.created", { id: 1, total: 0.5 }), []);
  const [output] = await h.feed("shop.order.created", { id: 2, total: 9.5 });
  assert.equal(output.topic, "shop.total");
  assert.deepEqual(output.msg, { id: 2, cents: 950 });`,
  example: `shop.order.created '{"id": 2, "total": 9.5}'`,
};
