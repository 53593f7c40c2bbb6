import type { Template } from "./template.js";

export const join: Template = {
  about:
    "It adds the customer's name to each order, from the newest that is known of the customer.",
  topics: "shop.order.*, shop.customer.*",
  plugin: ({ name, ts }) => `import { joinTable } from "fedbus/consumers";
${ts(`
interface Order {
  id: number;
  customer: string;
}

interface Customer {
  customer: string;
  name: string;
}
`)}
export default joinTable${ts("<Order, Customer>")}({
  name: "${name}",
  version: "1",
  stream: { topics: ["shop.order.*"], key: (event) => (event.msg${ts(" as Order")}).customer },
  table: { topics: ["shop.customer.*"], key: (event) => (event.msg${ts(" as Customer")}).customer },
  type: "left",
  output(order, customer) {
    return { topic: "shop.named-order", msg: { ...order, name: customer?.name ?? null } };
  },
});
`,
  test: `  await h.feed("shop.customer.changed", { customer: "c1", name: "Ada" });
  const [known] = await h.feed("shop.order.created", { id: 1, customer: "c1" });
  assert.deepEqual(known.msg, { id: 1, customer: "c1", name: "Ada" });
  const [unknown] = await h.feed("shop.order.created", { id: 2, customer: "c2" });
  assert.equal(unknown.msg.name, null);`,
  example: `shop.order.created '{"id": 1, "customer": "c1"}'`,
};
