import type { Template } from "./template.js";

export const enrich: Template = {
  about: "It adds the customer's name to each order, by asking a server for it.",
  topics: "shop.order.*",
  plugin: ({ name, ts }) => `import { enrich } from "fedbus/consumers";
${ts(`
interface Order {
  id: number;
  customer: string;
}

interface Customer {
  name: string;
}

interface Config {
  url: string;
}
`)}
export default enrich${ts("<Customer, Config>")}({
  name: "${name}",
  version: "1",
  topics: ["shop.order.*"],
  config: {
    type: "object",
    additionalProperties: false,
    required: ["url"],
    properties: { url: { type: "string", description: "Where customers are asked for: URL/ID" } },
  },
  key: (event) => (event.msg${ts(" as Order")}).customer,
  async lookup(id, signal, { url }) {
    const response = await fetch(\`\${url}/\${encodeURIComponent(id)}\`, { signal });
    // What is thrown is tried again; what is returned is kept for a time, and recorded for replays.
    if (!response.ok) throw new Error(\`\${url} answered with \${response.status}\`);
    return (await response.json())${ts(" as Customer")};
  },
  output(event, customer) {
    const order = event.msg${ts(" as Order")};
    return { topic: "shop.named-order", msg: { ...order, name: customer?.name ?? null } };
  },
});
`,
  imports: [`import { once } from "node:events";`, `import { createServer } from "node:http";`],
  opening: `  const server = createServer((request, response) => {
    response.end(JSON.stringify({ name: request.url === "/c1" ? "Ada" : "nobody" }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = \`http://127.0.0.1:\${server.address().port}\`;`,
  harness: "{ config: { url } }",
  test: `  const [output] = await h.feed("shop.order.created", { id: 1, customer: "c1" });
  assert.equal(output.topic, "shop.named-order");
  assert.deepEqual(output.msg, { id: 1, customer: "c1", name: "Ada" });`,
  closing: `  server.closeAllConnections();
  server.close();`,
  example: `shop.order.created '{"id": 1, "customer": "c1"}'`,
  settings: " --set url=http://127.0.0.1:8080/customers",
};
