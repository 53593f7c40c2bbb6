import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { patienceMs } from "../bus/seed.js";
import { linearFile, publish, put } from "../consumers/serve/models.js";
import { cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

const plugin = `import { serve } from "fedbus/consumers";
export default serve({
  name: "scores",
  topics: ["in"],
  model: "demo",
  output: "scored",
  id: "msg.id",
  outcomes: { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 },
});
`;
const other = `import { transform } from "fedbus/consumers";
export default transform({ name: "other", topics: ["in"], handle: () => undefined });
`;

t.test("model: score-past tells how a candidate would have done", async (t) => {
  const dir = t.testdir({ "scores.ts": plugin, "other.ts": other });
  const file = join(dir, "scores.ts");
  const log = ["--dir", join(dir, "log")];
  {
    await using bus = await openBus({ dir: join(dir, "log") });
    const bad = await put(bus, linearFile({ weights: [-4, 0], bias: 2 }));
    const good = await put(bus, linearFile({ weights: [40, 0], bias: -20.5, version: 2 }));
    const offsets = { from: 0, to: 9 };
    const rows = Array.from({ length: 40 }, (_, index) => {
      const [id, x] = [`e${index}`, ((index * 7) % 40) / 40];
      return [
        { topic: "in", msg: { id, x, y: 0 } },
        { topic: "label", msg: { id, was: x > 0.5 } },
      ];
    });
    await publish(bus, [
      { topic: "models.demo.trained", msg: { sha256: bad, version: 1, bytes: 1 } },
      { topic: "models.demo.promoted", msg: { sha256: bad, version: 1, reason: "trained" } },
      { topic: "models.demo.trained", msg: { sha256: good, version: 2, bytes: 1, offsets } },
      ...rows.flat(),
    ]);
  }
  t.match(await cli(["run", file, "--once", ...log]), { code: 0 });
  const said = await cli(["model", "score-past", "demo@2", file, ...log]);
  t.match(said, { code: 0 }, said.err);
  t.match(said.err, /the model has learnt from offsets 0 up to 9 of these/);
  t.match(said.out, /^demo@2 over offsets 0 up to \d+: 40 predictions, 40 outcomes\n/);
  t.match(said.out, /WOULD HAVE +PUBLISHED +NO MODEL\n/);
  t.match(said.out, /accuracy +1 +0 /);
  const json = await cli(["model", "score-past", "demo@2", file, "--to", "10", "--json", ...log]);
  t.match(JSON.parse(json.out), { to: 10, isComplete: true, metrics: { window: { rows: 3 } } });
  const unseen = await cli(["model", "score-past", "demo@2", file, "--from", "9", ...log]);
  t.match(unseen, { code: 0 }, unseen.err);
  t.notMatch(unseen.err, /learnt/);
  const plain = await cli(["model", "score-past", "demo", join(dir, "other.ts"), ...log]);
  t.match(plain, { code: 2, err: /other does not serve a model/ });
});
