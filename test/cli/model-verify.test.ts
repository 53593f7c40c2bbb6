import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { patienceMs } from "../bus/seed.js";
import { orders } from "../consumers/train/orders.js";
import { cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

const plugin = `import { train } from "fedbus/consumers";
export default train({
  name: "returned",
  topics: ["shop.order"],
  features: [{ path: "msg.amount" }, { path: "msg.shop", encoder: "one-hot" }],
  label: "msg.returned",
  model: "gbdt",
  task: "binary",
  hyper: { trees: 5 },
  every: { rows: 1_000 },
});
`;

t.test(
  "model: verify trains again from the log, by what the consumer last ran or a file",
  async (t) => {
    const dir = t.testdir({ "returned.ts": plugin });
    const file = join(dir, "returned.ts");
    const log = join(dir, "log");
    {
      await using bus = await openBus({ dir: log });
      await using publisher = bus.publisher();
      await publisher.publishMany(orders(2_400).map(({ topic, msg }) => ({ topic, msg })));
    }
    t.match(await cli(["run", file, "--once", "--dir", log]), { code: 0 });
    const verified = await cli(["model", "verify", "returned@1", "--dir", log]);
    t.match(verified, {
      code: 0,
      out: /^verified: returned@1, trained again from [\d,]+ events, offsets 0 up to \d+, is the same file\n {2}sha256 [0-9a-f]{64}\n$/,
    });
    const json = await cli(["model", "verify", "returned", "--dir", log, "--json"]);
    t.match(JSON.parse(json.out), { version: 2, isSame: true, file: "whole", differences: [] });
    const other = join(dir, "other.ts");
    writeFileSync(other, readFileSync(file, "utf8").replace("trees: 5", "trees: 6"));
    const different = await cli(["model", "verify", "returned@1", "--plugin", other, "--dir", log]);
    t.match(different, {
      code: 8,
      out: /^different: returned@1.*\n {2}hyperparameters differ\n {2}the plugin's code is not that of then.*\n {2}in the log .*\n {2}retrained /,
    });
    t.match(different.out, /\/hyper\/trees +5 +6\n/);
    const seldom = join(dir, "seldom.ts");
    writeFileSync(seldom, readFileSync(file, "utf8").replace("rows: 1_000", "rows: 700"));
    const rarer = await cli(["model", "verify", "returned@1", "--plugin", seldom, "--dir", log]);
    t.match(
      rarer.out,
      /^different.*\n {2}`every` differs: .*\n.*code.*\n {2}in the log .*\n {2}retrained +no model at all/,
    );
    t.match(await cli(["model", "verify", "returned@7", "--dir", log]), { code: 3 });
  },
);
