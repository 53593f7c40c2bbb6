import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { promoteModel } from "../../consumers/index.js";
import { patienceMs } from "../bus/seed.js";
import { fileOf, shaOf, tellTrained } from "../consumers/models/registry/told-models.js";
import { cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

/** A log with three versions of one model, of which the second answers, and one of another. */
async function logOf(dir: string): Promise<string> {
  await using bus = await openBus({ dir });
  const features = { columns: ["amount", "hour", "shop=?0"] };
  for (const version of [1, 2, 3]) await tellTrained(bus, "fraud", version, { features });
  await tellTrained(bus, "churn", 1, { features: { columns: ["age"] }, seed: 8 });
  await promoteModel(bus, "fraud@1");
  await promoteModel(bus, "fraud@2");
  return dir;
}

/** A consumer tells of a model that it has not learnt anything of. */
async function tellTrouble(dir: string): Promise<void> {
  await using bus = await openBus({ dir });
  await using publisher = bus.publisher();
  const troubles = [{ kind: "withoutLabel", path: "msg.l", events: 1_200, offset: 3 }];
  await publisher.publish("models.idle.metrics", { rows: 0, learnt: 0, troubles });
}

t.test("model: list, show and compare", async (t) => {
  const dir = await logOf(t.testdir());
  await tellTrouble(dir);
  const list = await cli(["model", "list", "--dir", dir]);
  t.match(list, {
    code: 0,
    out: /MODEL +ACTIVE +VERSIONS .*\nchurn +- +1 .*\nfraud +2 +3 +logistic +auc 0\.82 +[0-9a-f]{12} +20.*\nidle +- +0 /,
  });
  t.match(
    list.out,
    /\nidle has learnt from 0 rows; .*\n +1,200 have no label \(msg\.l\), .*offset 3\n/,
  );
  const versions = await cli(["model", "list", "fraud", "--dir", dir, "--json"]);
  t.same(
    versions.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).state),
    ["previous", "active", ""],
  );
  const show = await cli(["model", "show", "fraud", "--dir", dir]);
  t.match(show, { code: 0, out: /fraud@2, answers now\n/ });
  t.match(show.out, /columns +3: amount, hour, and 1 for categories that have not come yet\n/);
  t.match(show.out, /hyper +rate 0\.1, l2 0\.002\n.*seed +7\n/s);
  t.match(show.out, /auc +0\.82 +0\.5\n/);
  t.match(show.out, /promoted 2 [0-9a-f]{12} \(command\)/);
  const json = JSON.parse((await cli(["model", "show", "fraud@3", "--dir", dir, "--json"])).out);
  t.match(json, { version: 3, isActive: false, isStored: true, lineage: { rows: 3000 } });
  const compare = await cli(["model", "compare", "fraud@1", "churn", "--dir", dir]);
  t.match(compare, { code: 8, out: /≠ seed +7 +8\n/ });
  t.match(compare.out, /only fraud@1 sees: amount, hour\nonly churn@1 sees: age\n/);
  t.match(await cli(["model", "compare", "fraud@2", "fraud", "--dir", dir]), { code: 0 });
  const unknown = await cli(["model", "show", "fraud@9", "--dir", dir]);
  t.match(unknown, { code: 3, err: /MODEL_UNKNOWN.*\n.*fedbus model list/ });
});

t.test("model: promote, rollback and export", async (t) => {
  const dir = await logOf(t.testdir());
  t.match(await cli(["model", "promote", "fraud@3", "--dir", dir]), {
    code: 0,
    out: /^version 3 \([0-9a-f]{12}\) answers from offset 6 on\n/,
  });
  t.match(await cli(["model", "promote", "fraud@3", "--dir", dir]), { code: 0, out: /already/ });
  const back = await cli(["model", "rollback", "fraud", "--dir", dir, "--json"]);
  t.match(JSON.parse(back.out), { version: 2, previous: shaOf("fraud 3"), offset: 7 });
  const file = join(dir, "fraud.onnx");
  t.match(await cli(["model", "export", "fraud@1", file, "--dir", dir]), { code: 0 });
  t.ok(readFileSync(file).equals(fileOf("fraud 1")));
  t.match(await cli(["model", "export", "fraud@1", file, "--dir", dir]), {
    code: 2,
    err: /exists/,
  });
  const piped = await cli(["model", "export", "fraud@1", "-", "--dir", dir]);
  t.equal(piped.out, String(fileOf("fraud 1")));
});
