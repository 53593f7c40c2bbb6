import t from "tap";
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
