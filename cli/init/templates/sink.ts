import type { Template } from "./template.js";

export const sink: Template = {
  about: "It writes orders into CSV files, each exactly once.",
  topics: "shop.order.*",
  plugin: ({ name, ts }) => `import { file, sink } from "fedbus/consumers";
${ts(`
interface Config {
  dir: string;
}
`)}
export default sink${ts("<Config>")}({
  name: "${name}",
  version: "1",
  topics: ["shop.order.*"],
  config: {
    type: "object",
    additionalProperties: false,
    required: ["dir"],
    properties: { dir: { type: "string", description: "Where the files go, an absolute path" } },
  },
  to: ({ dir }) =>
    file({ dir, format: "csv", columns: { at: "/timestamp", id: "/body/id", total: "/body/total" } }),
});
`,
  imports: [
    `import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";`,
    `import { tmpdir } from "node:os";`,
    `import { join } from "node:path";`,
  ],
  opening: `  const dir = await mkdtemp(join(tmpdir(), "orders-"));`,
  harness: "{ config: { dir } }",
  test: `  await h.feed("shop.order.created", { id: 1, total: 9.5 }, { timestamp: 0 });
  const [name] = (await readdir(dir)).filter((entry) => entry.endsWith(".csv"));
  assert.match(await readFile(join(dir, name), "utf8"), /^at,id,total\\r?\\n0,1,9.5\\r?\\n$/);`,
  closing: "  await rm(dir, { recursive: true });",
  example: `shop.order.created '{"id": 1, "total": 9.5}'`,
  settings: " --set dir=$PWD/orders",
};
