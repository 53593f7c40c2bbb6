import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { type ImportDeclaration, importModel, readModel } from "../../consumers/index.js";
import { patienceMs } from "../bus/seed.js";
import { cli } from "../cli/spawn-cli.js";
import { classifier } from "../consumers/models/adapt/foreign.js";

t.setTimeout(patienceMs);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = await readFile(join(root, "docs/models.md"), "utf8");

t.test("models: the declaration on the page takes in a classifier", async (t) => {
  const [, text] = /<!-- declaration: begin -->\n```json\n([\s\S]*?)```/.exec(page) ?? [];
  const declaration = JSON.parse(text!) as ImportDeclaration;
  await using bus = await openBus();
  await importModel(bus, classifier(), { name: "fraud", declaration });
  const { lineage } = (await readModel(bus, "fraud")).find();
  t.match(lineage, { task: "binary", original: { output: "probabilities" } });
});

t.test("models: the commands on the page are those that there are", async (t) => {
  const named = new Set(
    [...page.matchAll(/^\| `fedbus model ([a-z-]+)/gm)].map(([, name]) => name),
  );
  const { out } = await cli(["model", "--help"]);
  const known = new Set([...out.matchAll(/^ +\S+ model ([a-z-]+)/gm)].map(([, name]) => name));
  t.ok(known.size >= 9);
  t.same([...named].sort(), [...known].sort());
});
