import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import { batchKinds, onlineKinds } from "../../consumers/models/learners/kinds.js";

const page = fileURLToPath(new URL("../../../docs/models.md", import.meta.url));

/** By kind, what the table says of its defaults. */
async function told(): Promise<Map<string, Record<string, unknown>>> {
  const text = await readFile(page, "utf8");
  const table = text.split("### Hyperparameters")[1]!.split("| `ewma`")[0]!;
  const found = new Map<string, Record<string, unknown>>();
  let kinds: readonly string[] = [];
  for (const line of table.split("\n").filter((one) => one.startsWith("|"))) {
    const [, kind = "", names = "", defaults = ""] = line.split("|").map((cell) => cell.trim());
    if (kind !== "") kinds = kind.replaceAll("`", "").split(", ");
    const values = defaults.replaceAll("`", "").split(", ");
    for (const [index, [, name]] of [...names.matchAll(/`(\w+)`/g)].entries())
      for (const one of kinds)
        found.set(one, { ...found.get(one), [name!]: readValue(values[index]!) });
  }
  return found;
}

function readValue(text: string): unknown {
  return /^[\d["]/.test(text) ? JSON.parse(text) : text;
}

t.test("docs/models.md: every hyperparameter is told, with its default", async (t) => {
  const table = await told();
  for (const [name, { defaults }] of [...onlineKinds, ...batchKinds])
    t.same(table.get(name), defaults, name);
});
