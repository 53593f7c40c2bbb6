import t from "tap";
import { type Bus, openBus } from "../../../../bus/index.js";
import {
  findModel,
  promoteModel,
  readModel,
  readModels,
  rollbackModel,
} from "../../../../consumers/index.js";
import { shaOf, tellTrained } from "./told-models.js";

async function tell(bus: Bus, topic: string, msg: unknown): Promise<void> {
  await using publisher = bus.publisher();
  await publisher.publish(topic, msg);
}

t.test("registry: versions, by number, by SHA-256, the active or the newest one", async (t) => {
  await using bus = await openBus();
  await t.rejects(readModel(bus, "fraud"), { code: "MODEL_UNKNOWN" });
  for (const version of [1, 2, 3]) await tellTrained(bus, "fraud", version);
  await tellTrained(bus, "churn", 1);
  await t.rejects(promoteModel(bus, "fruad@1"), {
    code: "MODEL_UNKNOWN",
    details: { name: "fruad", remedy: "did you mean fraud?" },
  });
  const history = await readModel(bus, "fraud");
  t.same(
    history.versions.map(({ version, sha256 }) => [version, sha256]),
    [1, 2, 3].map((version) => [version, shaOf(`fraud ${version}`)]),
  );
  t.match(history.versions[1], {
    ...{ name: "fraud", version: 2, origin: "trained", offset: 1 },
    cause: { consumer: "fraud", offset: 20 },
    lineage: { kind: "logistic", seed: 7 },
  });
  t.equal(history.find().version, 3, "nothing is promoted: the newest");
  await promoteModel(bus, "fraud@2");
  const promoted = await readModel(bus, "fraud");
  t.equal(promoted.find().version, 2);
  t.equal(promoted.find("1").version, 1);
  t.equal(promoted.find(shaOf("fraud 3").slice(0, 8)).version, 3);
  for (const wrong of ["4", "0", "abc", "x", shaOf("churn 1")])
    t.throws(() => promoted.find(wrong), { code: "MODEL_UNKNOWN" }, wrong);
  t.same([...(await readModels(bus)).keys()], ["churn", "fraud"]);
  await t.rejects(findModel(bus, "Fraud.x@1"), { code: "OPTIONS_INVALID" });
});

t.test("registry: promotions go forward, rollbacks one step back at a time", async (t) => {
  await using bus = await openBus();
  for (const version of [1, 2, 3]) await tellTrained(bus, "m", version);
  await t.rejects(rollbackModel(bus, "m"), { code: "MODEL_UNKNOWN" });
  const sha = (version: number) => shaOf(`m ${version}`);
  t.match(await promoteModel(bus, "m@1"), { version: 1, sha256: sha(1), reason: "command" });
  t.match(await promoteModel(bus, "m@2"), { version: 2, previous: sha(1) });
  t.equal(await promoteModel(bus, "m@2"), undefined, "it is that one already");
  t.match(await promoteModel(bus, "m@3"), { version: 3, previous: sha(2) });
  t.match(await rollbackModel(bus, "m"), { version: 2, previous: sha(3), reason: "rollback" });
  t.match(await rollbackModel(bus, "m"), { version: 1, previous: sha(2), reason: "rollback" });
  await t.rejects(rollbackModel(bus, "m"), { code: "MODEL_UNKNOWN" });
  const history = await readModel(bus, "m");
  t.equal(history.active, sha(1));
  t.same(
    history.promotions.map(({ reason }) => reason),
    [...["command", "command", "command", "rollback", "rollback"]],
  );
});

t.test("registry: a model whose file is not in the log is not promoted", async (t) => {
  await using bus = await openBus();
  const sha256 = "ab".repeat(32);
  await tell(bus, "models.m.trained", { version: 1, sha256, bytes: 5 });
  await t.rejects(promoteModel(bus, "m@1"), { code: "BLOB_NOT_FOUND" });
  t.same((await readModel(bus, "m")).promotions, []);
});

t.test(
  "registry: what others write on such topics is passed over where it makes no sense",
  async (t) => {
    await using bus = await openBus();
    const sha256 = await tellTrained(bus, "m", 1);
    for (const msg of [null, 7, [], {}, { sha256: "../x", version: 1 }, { sha256, version: "2" }])
      for (const kind of ["trained", "imported", "promoted", "rejected", "drift", "other"])
        await tell(bus, `models.m.${kind}`, msg);
    await tell(bus, "models.m.trained.more", { sha256, version: 9 });
    const history = await readModel(bus, "m");
    t.same(
      history.versions.map(({ version }) => version),
      [1],
    );
    t.same(
      history.promotions.map(({ sha256: one }) => one),
      [sha256],
      "one names a model",
    );
    t.equal(history.rejections.length, 6);
    t.equal(history.drifts, 6);
  },
);

t.test(
  "registry: a trainer that was begun anew counts anew; its number means the newest",
  async (t) => {
    await using bus = await openBus();
    await tellTrained(bus, "m", 1);
    await bus.blobs.put(Buffer.from("other"));
    const other = await bus.blobs.put(Buffer.from("begun anew"));
    await tell(bus, "models.m.trained", { version: 1, sha256: other, bytes: 10 });
    const history = await readModel(bus, "m");
    t.equal(history.versions.length, 2);
    t.equal(history.find("1").sha256, other);
    t.equal(history.find(shaOf("m 1")).sha256, shaOf("m 1"));
  },
);

t.test("registry: a number that a trained and an imported model have is neither's", async (t) => {
  await using bus = await openBus();
  await tellTrained(bus, "m", 1);
  const sha256 = await bus.blobs.put(Buffer.from("from elsewhere"));
  await tell(bus, "models.m.imported", { version: 1, sha256, bytes: 14 });
  const history = await readModel(bus, "m");
  t.throws(() => history.find("1"), {
    code: "MODEL_UNKNOWN",
    message: /imported, and one that was trained/,
  });
  t.equal(history.find(sha256).origin, "imported");
});

const [a, b, c] = ["a", "b", "c"].map((text) => shaOf(text)) as [string, string, string];
const cause = { headers: { cause: { consumer: "scores", offset: 1 } } };

t.test("registry: promotions hold in the log's order, unless they were overtaken", async (t) => {
  const own = (sha256: string, previous: string, reason: string) => ({ sha256, previous, reason });
  for (const [name, promotions, active] of [
    [
      "a person's holds, whatever it was decided on",
      [[{ sha256: a }], [{ sha256: b }], [own(c, a, "command")]],
      c,
    ],
    ["a canary's holds", [[{ sha256: a }], [own(b, a, "canary"), cause]], b],
    ["a person was faster", [[{ sha256: a }], [{ sha256: c }], [own(b, a, "canary"), cause]], c],
    [
      "rolled back, while a person chose",
      [[{ sha256: a }], [{ sha256: b }], [{ sha256: c }], [own(a, b, "rollback"), cause]],
      c,
    ],
    [
      "the same was chosen again",
      [[{ sha256: a }], [{ sha256: b }], [{ sha256: b }], [own(a, b, "rollback"), cause]],
      a,
    ],
    ["nobody knows what answered", [[own(b, a, "canary"), cause]], b],
  ] as const) {
    await using bus = await openBus();
    await using publisher = bus.publisher();
    for (const [msg, options] of promotions)
      await publisher.publish("models.m.promoted", { reason: "command", ...msg }, options ?? {});
    const history = await readModel(bus, "m");
    t.equal(history.active, active, name);
    t.equal(
      history.promotions.at(-1)!.isVoid === true,
      name === "a person was faster" || name.startsWith("rolled"),
      name,
    );
    t.equal(
      history.promotions.at(-1)!.previous,
      promotions.at(-2)?.[0].sha256,
      `${name}: what was before`,
    );
  }
});
