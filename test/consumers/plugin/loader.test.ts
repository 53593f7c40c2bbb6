import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { loadPlugin } from "../../../consumers/index.js";
import { FedbusError } from "../../../schemas/index.js";

const body = `handle(event, context) { context.state.put("n", 1); }`;

const files = {
  "plain.ts": `import { consumer, type Consumer } from "fedbus/consumers";
import { FedbusError } from "fedbus";
import { nameOf } from "./name.js";
import data from "./data.json" with { type: "json" };
import dep from "dep";
import common, { part } from "common";
enum Size { Small = 1 }
class Point { constructor(readonly x: number) {} }
const waited = await Promise.resolve(7);
const made: Consumer = consumer({ name: nameOf("plain"), version: String(Size.Small), topics: ["a.#"], ${body} });
export default Object.assign(made, { extra: { FedbusError, data, dep, common: common.part + part, x: new Point(waited).x, url: import.meta.url } });
`,
  "name.ts": `export const nameOf = (text: string): string => text + "-1";\n`,
  "data.json": `{"k": 1}`,
  "node_modules/dep/package.json": `{"name":"dep","type":"module","exports":{"import":"./i.mjs"}}`,
  "node_modules/dep/i.mjs": `export default "esm";`,
  "node_modules/common/package.json": `{"name":"common","main":"i.js"}`,
  "node_modules/common/i.js": `exports.part = "cjs";`,
  "node_modules/@acme/plugin/package.json": `{"name":"@acme/plugin","type":"module","exports":{".":{"import":"./i.js"}}}`,
  "node_modules/@acme/plugin/i.js": `import { consumer } from "fedbus/consumers";
import { FedbusError } from "fedbus";
export default Object.assign(consumer({ name: "acme", topics: ["a"], ${body} }), { FedbusError });`,
  "common.cjs": `const { consumer } = require("fedbus/consumers");
module.exports = consumer({ name: "common", topics: ["a"], ${body} });`,
  "typed.cts": `import { consumer } from "fedbus/consumers";
const topic: string = "a";
module.exports = { default: consumer({ name: "typed", topics: [topic], ${body} }) };`,
  "module.mjs": `import { consumer } from "fedbus/consumers";
export default consumer({ name: "module", topics: ["a"], ${body} });`,
  "syntax.ts": `import { consumer } from "fedbus/consumers";\n\nconst a: number = ;\n`,
  "syntax.js": `export default {{;\n`,
  "throws.ts": `interface A { a: 1 }\n\nfunction fail(): never {\n  throw new TypeError("no such luck");\n}\nfail();\n`,
  "options.ts": `import { consumer } from "fedbus/consumers";\n\nexport default consumer({ name: "Bad Name", topics: [] });\n`,
  "missing.ts": `\nimport "./not-there.js";\n`,
  "deep.ts": `import "./throws.ts";\n`,
  "nothing.ts": `export const a = 1;\n`,
  "named.ts": `import { consumer } from "fedbus/consumers";
export const mine = consumer({ name: "mine", topics: ["a"], ${body} });`,
};

function folder(t: Test): string {
  const dir = t.testdir();
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return dir;
}

t.test("loader: TypeScript as it is written, with what it imports", async (t) => {
  const from = folder(t);
  const { consumer, path } = await loadPlugin("plain.ts", { from });
  t.match(consumer, { name: "plain-1", version: "1" });
  t.equal(path, join(from, "plain.ts"));
  const { extra } = consumer as typeof consumer & { extra: Record<string, unknown> };
  t.match(extra, { data: { k: 1 }, dep: "esm", common: "cjscjs", x: 7, url: /plain\.ts$/ });
  t.equal(extra.FedbusError, FedbusError, "its fedbus is this one");
});

t.test("loader: modules of every kind, by relative and absolute path", async (t) => {
  const from = folder(t);
  for (const [file, name] of Object.entries({
    "common.cjs": "common",
    "./typed.cts": "typed",
    [join(from, "module.mjs")]: "module",
  }))
    t.equal((await loadPlugin(file, { from })).consumer.name, name, file);
});

t.test("loader: a package, by name, with this fedbus", async (t) => {
  const from = folder(t);
  const { consumer } = await loadPlugin("@acme/plugin", { from });
  t.equal(consumer.name, "acme");
  t.equal((consumer as unknown as Record<string, unknown>).FedbusError, FedbusError);
});

t.test("loader: faults name the file and the line", async (t) => {
  const from = folder(t);
  const faults = {
    "syntax.ts": { file: "syntax.ts", line: 3, message: /cannot be loaded: Unexpected token/ },
    "syntax.js": { file: "syntax.js", line: 1, message: /Unexpected token/ },
    "throws.ts": { file: "throws.ts", line: 4, message: /no such luck/ },
    "deep.ts": { file: "throws.ts", line: 4, message: /no such luck/ },
    "missing.ts": { file: "missing.ts", line: 2, message: /not-there/ },
    "options.ts": { file: "options.ts", line: 3, message: /name must be lower-case/ },
  };
  for (const [plugin, { file, line, message }] of Object.entries(faults))
    await t.rejects(
      loadPlugin(plugin, { from }),
      { code: "PLUGIN_INVALID", message, details: { file: join(from, file), line } },
      plugin,
    );
});

t.test("loader: a module without a consumer, and no module at all", async (t) => {
  const from = folder(t);
  const invalid = { code: "PLUGIN_INVALID" };
  await t.rejects(loadPlugin("nothing.ts", { from }), invalid);
  const remedy = /it exports one as mine/;
  await t.rejects(loadPlugin("named.ts", { from }), { ...invalid, details: { remedy } });
  for (const plugin of ["./gone.ts", "gone", "@acme/gone", "/gone.ts"])
    await t.rejects(loadPlugin(plugin, { from }), { code: "PLUGIN_NOT_FOUND" }, plugin);
});
