import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { hashOfPlugin } from "../../../consumers/plugin/plugin-hash.js";

t.test("plugin hash: all that the plugin imports counts, and nothing else", async (t) => {
  const root = t.testdir({
    "plugin.ts": `import { limit } from "./limit.js";\nimport { pad } from "padding/left";\n`,
    "limit.ts": `export { limit } from './deep/index.mjs';\nimport("../gone.js");\n`,
    deep: {
      "index.mjs": `import table from "./table.json" with { type: "json" };\n`,
      "table.json": "1",
    },
    "beside.ts": "export const unused = 1;\n",
    "loop.mjs": `import "./plugin.ts";\n`,
    node_modules: { padding: { "package.json": `{"version":"1.0.0"}` } },
  });
  const hash = () => hashOfPlugin(join(root, "plugin.ts"));
  const first = await hash();
  t.match(first, /^[0-9a-f]{64}$/);
  writeFileSync(join(root, "beside.ts"), "export const unused = 2;\n");
  t.equal(await hash(), first, "what it does not import does not count");
  let last = first;
  const changes = {
    "limit.ts": `export { limit } from './deep/index.mjs'; // \nimport("./loop.mjs");\n`,
    "deep/index.mjs": `import table from "./table.json" with { type: "json" }; //\n`,
    "deep/table.json": "2",
    "node_modules/padding/package.json": `{"version":"1.0.1"}`,
    "plugin.ts": `import { limit } from "./limit.js";\nimport { pad } from "padding/left"; //\n`,
  };
  for (const [file, text] of Object.entries(changes)) {
    writeFileSync(join(root, file), text);
    const now = await hash();
    t.not(now, last, file);
    last = now;
  }
  await t.rejects(hashOfPlugin(join(root, "none.ts")), { code: "ENOENT" });
});
