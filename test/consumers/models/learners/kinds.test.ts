import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import { coOccurrence } from "../../../../consumers/models/learners/co-occurrence/co-occurrence.js";
import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import {
  batchKinds,
  forecastKinds,
  onlineKinds,
} from "../../../../consumers/models/learners/kinds.js";

t.test("kinds: each has a name of its own", async (t) => {
  const names = [...onlineKinds.keys(), ...batchKinds.keys(), ...forecastKinds.keys()];
  t.equal(new Set(names).size, names.length);
  for (const kinds of [onlineKinds, batchKinds, forecastKinds])
    for (const [name, kind] of kinds) t.equal(kind.name, name);
});

t.test("kinds: defaults keep to the rules", async (t) => {
  for (const kind of [...onlineKinds.values(), ...batchKinds.values(), ...forecastKinds.values()]) {
    t.same(completeHyper(kind), kind.defaults);
    t.throws(() => completeHyper(kind, { nonsense: 1 }), {
      code: "OPTIONS_INVALID",
    });
  }
});

t.test("kinds: docs/models.md has a row for each", async (t) => {
  const path = fileURLToPath(new URL("../../../../../docs/models.md", import.meta.url));
  const page = await readFile(path, "utf8");
  for (const kinds of [onlineKinds, batchKinds, forecastKinds])
    for (const name of kinds.keys()) t.ok(page.includes(`| \`${name}\` |`), name);
  t.ok(page.includes(`| \`${coOccurrence.name}\` |`));
});
