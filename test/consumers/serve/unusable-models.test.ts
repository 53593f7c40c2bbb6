import { test } from "tap";
import { serve } from "../../../consumers/serve/serve.js";
import { endless, external, random } from "../models/intake/hostile.js";
import { busOf, over } from "../over-log.js";
import { indexFile, linearFile, neighbourlyFile, promote, publish } from "./models.js";
import { options, outputsOf, row } from "./scores.js";

test("serve: goes on with the old model if the new one cannot be used, and says why", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const good = await promote(bus, "demo", linearFile({}));
  const bad = [
    ["MODEL_INVALID", await promote(bus, "demo", Buffer.from("no model"), 2)],
    ["MODEL_REFUSED", await promote(bus, "demo", linearFile({ paths: ["msg.x"] }), 3)],
    ["MODEL_REFUSED", await promote(bus, "demo", linearFile({ bias: Number.NaN }), 4)],
    ["BLOB_NOT_FOUND", "0".repeat(64)],
  ] as const;
  await publish(bus, [
    { topic: "models.demo.promoted", msg: { sha256: "0".repeat(64) } },
    { topic: "models.demo.promoted", msg: "whatever" },
    row(1),
  ]);
  const refused = await outputsOf(bus, options, "models.demo.refused");
  t.match(
    refused,
    [...bad, ["EVENT_INVALID", undefined] as const].map(([code, sha256], index) => ({
      ...{ consumer: "scores", role: "active", code, offset: index + 1, reason: String },
      ...(sha256 === undefined ? {} : { sha256 }),
      serving: { sha256: good, version: 1 },
    })),
  );
  t.match(await outputsOf(bus, options), [{ sha256: good }]);
});

test("serve: a promoted file that reaches out, or never ends, does not come near the runtime", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const good = await promote(bus, "demo", linearFile({}));
  for (const file of [external("package.json"), random, endless]) await promote(bus, "demo", file);
  await publish(bus, [row(1)]);
  t.match(await outputsOf(bus, options), [{ sha256: good }]);
  t.match(
    await outputsOf(bus, options, "models.demo.refused"),
    ["in other files", "RandomNormalLike", "Loop"].map((why) => ({
      ...{ code: "MODEL_REFUSED", reason: new RegExp(why) },
    })),
  );
});

test("serve: goes back to the model before if the new one gives no number for an event", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const good = await promote(bus, "demo", linearFile({ task: "regression" }));
  const weights = [1, 2 ** 127] as const;
  const bad = await promote(
    bus,
    "demo",
    linearFile({ task: "regression", weights, version: 2 }),
    2,
  );
  await publish(bus, [row(1), row(2, 2 ** 127), row(3)]);
  t.match(await outputsOf(bus, options), [
    { output: 1, sha256: bad },
    { output: 2 ** 127, sha256: good },
    { output: 3, sha256: good },
  ]);
  t.match(await outputsOf(bus, options, "models.demo.refused"), [
    { sha256: bad, code: "MODEL_FAILED", offset: 3 },
  ]);
});

test("serve: says of an event that no model can score that there is no number", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  await publish(bus, [row(1), { topic: "in", msg: { y: 1 } }, row(2)]);
  t.match(await outputsOf(bus, { ...options, missing: { fallback: -1 } }), [
    { output: 1 },
    { output: -1, reason: "not-finite" },
    { output: 2 },
  ]);
});

test("serve: runs a model row by row that mixes the rows of a batch", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", neighbourlyFile());
  await publish(bus, [row(1), row(2), row(3)]);
  t.match(await outputsOf(bus, options), [{ output: 2 }, { output: 2 }, { output: 2 }]);
  t.match(await outputsOf(bus, options, "models.demo.serving"), [{ rowByRow: true }]);
});

test("serve: tells once, however often it begins, that the model that is given is of no use", async (t) => {
  const bus = await busOf([row(1), row(2), row(3)]);
  t.teardown(() => bus.close());
  const consumer = serve({ ...options, initial: "0".repeat(64), missing: "pass" });
  const limits = { commitEventsMax: 1, retryMsMax: 1 };
  const { outputs } = await over(bus, consumer, { limits, crashAt: [9, 14] });
  t.equal(outputs.filter(({ topic }) => topic === "models.demo.refused").length, 1);
  t.equal(outputs.length, 4);
});

test("serve: a row that the model cannot compute takes none of its batch with it", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", indexFile());
  await publish(bus, [row(0), row(1), row(7), row(2)]);
  t.match(await outputsOf(bus, options), [
    { output: 10 },
    { output: 20 },
    { output: null, reason: "not-finite" },
    { output: 30 },
  ]);
});
