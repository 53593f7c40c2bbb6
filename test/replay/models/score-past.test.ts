import t from "tap";
import { serve } from "../../../consumers/index.js";
import { scorePast } from "../../../replay/index.js";
import { busOf, type Given } from "../../consumers/over-log.js";
import { start } from "../../consumers/running.js";
import { linearFile, promote, publish, put } from "../../consumers/serve/models.js";
import { scratch } from "../scratch.js";

const consumer = serve({
  ...{ name: "scores", topics: ["in"], model: "demo", output: "scored", id: "msg.id" },
  outcomes: { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 },
});

/** Rows of which the truth is whether `x` is above 0.5; the first have no label. */
const rows: readonly Given[] = Array.from({ length: 40 }, (_, index) => {
  const x = ((index * 7) % 40) / 40;
  const id = `e${index}`;
  const row = { topic: "in", msg: { id, x, y: 0 } };
  return index < 4 ? [row] : [row, { topic: "label", msg: { id, was: x > 0.5 } }];
}).flat();

t.test("score past: a candidate has the metrics that it would have had", async (t) => {
  await using bus = await busOf([]);
  await promote(bus, "demo", linearFile({ weights: [-4, 0], bias: 2 }));
  await publish(bus, rows);
  const running = start(bus, consumer, { dir: scratch(t) });
  await running.caughtUp();
  await running.stop();
  const sha256 = await put(bus, linearFile({ weights: [40, 0], bias: -20.5, version: 2 }));
  const scores = await scorePast({
    ...{ source: bus.source, consumer, dir: scratch(t), sha256 },
  });
  t.match(scores, { sha256, isComplete: true, predictions: 40, unscored: 0 });
  t.match(scores.metrics.total, { rows: 36, accuracy: 1, auc: 1 });
  t.match(scores.live?.total, { rows: 36, accuracy: 0 });
  t.ok(scores.metrics.total.logLoss! < scores.live!.total.logLoss!);
  // From between a row and its label on: of the row, only what was published has an outcome.
  const later = await scorePast({
    ...{ source: bus.source, consumer, dir: scratch(t), sha256, from: 6 },
  });
  t.match(later, { metrics: { total: { rows: 35 } }, live: { total: { rows: 35 } } });
  const part = await scorePast({
    ...{ source: bus.source, consumer, dir: scratch(t), sha256, from: 1, to: 5 },
  });
  t.match(part, { from: 1, to: 5, predictions: 4, metrics: { total: { rows: 0 } } });
});

t.test("score past: a model that is missing or of no use is refused", async (t) => {
  await using bus = await busOf(rows);
  const common = { source: bus.source, consumer };
  const missing = "0".repeat(64);
  await t.rejects(scorePast({ ...common, dir: scratch(t), sha256: missing }), {
    code: "BLOB_NOT_FOUND",
  });
  const sha256 = await put(bus, linearFile({ bias: Number.NaN }));
  await t.rejects(scorePast({ ...common, dir: scratch(t), sha256 }), { code: "MODEL_REFUSED" });
});
