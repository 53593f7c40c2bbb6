import { test } from "tap";
import type { Bus } from "../../../bus/index.js";
import { boundedFeed, Runner, StateStore } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import type { ServeSpec } from "../../../consumers/serve/serve-options.js";
import { busOf, type Given, logStart, outcomeOf, over } from "../over-log.js";
import { linearFile, promote, publish, put, sha256Of } from "./models.js";

const outcomes = { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 };
const spec: ServeSpec = {
  ...{ name: "scores", topics: ["in"], model: "demo", output: "scored", id: "msg.id" },
  ...{ key: "msg.who", outcomes },
};

function row(id: string, x: number, who = id): Given {
  return { topic: "in", msg: { id, x, y: 0, who } };
}

function label(id: string, was: unknown): Given {
  return { topic: "label", msg: { id, was } };
}

async function said(bus: Bus, given: ServeSpec, ...topics: string[]) {
  const { outputs } = await over(bus, serve(given));
  return outputs.filter(({ topic }) => topics.includes(topic)).map(({ msg }) => msg);
}

/** The same in small pieces, begun anew again and again. */
async function saidDisturbed(bus: Bus, given: ServeSpec, ...topics: string[]) {
  const limits = { commitEventsMax: 3, retryMsMax: 1 };
  const crashAt = [3, 8, 15, 31];
  const { outputs } = await over(bus, serve({ ...given, batchRowsMax: 5 }), { limits, crashAt });
  return outputs.filter(({ topic }) => topics.includes(topic)).map(({ msg }) => msg);
}

test("outcomes: tell how wrong each prediction was, once", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const sha256 = await promote(bus, "demo", linearFile({ task: "regression" }));
  const again = [row("a", 3), row("b", 5), label("a", 1), label("a", 1), label("c", 1)];
  await publish(bus, [...again, label("b", "nothing"), row("a", 7), label("a", 8)]);
  const expected = [
    { offset: 1, id: "a", output: 3, label: 1, losses: { absolute: 2, squared: 4 } },
    { offset: 7, id: "a", output: 7, label: 8, losses: { absolute: 1, squared: 1 } },
  ];
  const found = await said(bus, spec, "models.demo.outcome");
  t.match(
    found,
    expected.map((one) => ({ ...one, sha256, version: 1, model: "demo" })),
  );
  t.equal(found.length, 2);
  t.strictSame(await saidDisturbed(bus, spec, "models.demo.outcome"), found);
});

test("outcomes: the model that answers is judged however many candidates came after it", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const active = await promote(bus, "demo", linearFile({}));
  const offers = Array.from({ length: 101 }, (_, index) => linearFile({ version: index + 2 }));
  for (const file of offers) await put(bus, file);
  const topic = "models.demo.trained";
  await publish(
    bus,
    offers.map((file) => ({ topic, msg: { sha256: sha256Of(file) } })),
  );
  await publish(bus, [row("a", 1), label("a", 1)]);
  const found = await said(bus, { ...spec, shadow: true }, "models.demo.outcome");
  t.match(found, [{ id: "a", sha256: active, other: { sha256: sha256Of(offers.at(-1)!) } }]);
});

test("outcomes: of another bound than before, no prediction is taken for another's", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  await publish(bus, [row("a", 1), row("b", 2), row("c", 3), row("d", 4)]);
  const store = await StateStore.open(t.testdir(), { durable: false });
  t.teardown(() => store.close());
  const { source, blobs } = bus;
  for (const pendingMax of [4, 3]) {
    const consumer = serve({ ...spec, outcomes: { ...outcomes, pendingMax } });
    const feed = boundedFeed(source, (await source.info()).head);
    await new Runner({ consumer, config: {}, store, source, blobs, feed }).run();
    if (pendingMax === 4) await publish(bus, [label("b", 20), label("c", 30), label("d", 40)]);
  }
  const { outputs } = await outcomeOf(store);
  const found = outputs.filter(({ topic }) => topic === "models.demo.outcome");
  for (const { msg } of found) {
    const { id, output, label: was } = msg as { id: string; output: number; label: number };
    t.equal(was, 10 * output, `the label of ${id}`);
  }
  t.ok(found.length > 0);
});

test("outcomes: judge probabilities by log loss, Brier score and decision", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ weights: [0, 0] }));
  await publish(bus, [row("a", 1), label("a", true), row("b", 1), label("b", 0)]);
  const half = { logLoss: Math.log(2), brier: 0.25 };
  t.strictSame(
    (await said(bus, spec, "models.demo.outcome")).map(
      (msg) => (msg as { losses: unknown }).losses,
    ),
    [
      { ...half, wrong: 0 },
      { ...half, wrong: 1 },
    ],
  );
});

test("outcomes: come for predictions up to withinMs old, and the newest pendingMax", async (t) => {
  const file = linearFile({ task: "regression" });
  const news = { topic: "models.demo.promoted", msg: { sha256: sha256Of(file), version: 1 } };
  const late = [
    { ...row("a", 1), at: 0 },
    { ...row("b", 2), at: 1 },
    { ...label("a", 1), at: 60_000 },
    { ...label("b", 2), at: 60_002 },
  ];
  const bus = await busOf([news, ...late]);
  t.teardown(() => bus.close());
  await put(bus, file);
  t.match(await said(bus, spec, "models.demo.outcome"), [{ id: "a", delayMs: 60_000 }]);
  const few = { ...spec, outcomes: { ...outcomes, pendingMax: 1 } };
  t.strictSame(await said(bus, few, "models.demo.outcome"), []);
  t.ok(logStart > 0);
});

test("shadow: a candidate scores the same events, and changes no prediction", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const active = await promote(bus, "demo", linearFile({ task: "regression" }));
  const candidate = await put(bus, linearFile({ task: "regression", bias: 1, version: 2 }));
  await publish(bus, [
    { topic: "models.demo.trained", msg: { sha256: candidate, version: 2 } },
    ...[row("a", 1), label("a", 1), row("b", 2)],
  ]);
  const given = { ...spec, shadow: true };
  t.match(await said(bus, given, "scored"), [
    { output: 1, sha256: active },
    { output: 2, sha256: active },
  ]);
  t.match(await said(bus, given, "models.demo.shadow"), [
    { id: "a", output: 2, sha256: candidate, version: 2, active: { output: 1, sha256: active } },
    { id: "b", output: 3, sha256: candidate, version: 2, active: { output: 2, sha256: active } },
  ]);
  t.match(await said(bus, given, "models.demo.outcome"), [
    {
      sha256: active,
      losses: { squared: 0 },
      other: { sha256: candidate, losses: { squared: 1 } },
    },
  ]);
  t.strictSame(await said(bus, spec, "models.demo.shadow"), []);
});

test("shadow: what is promoted under another name can be the candidate", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  const other = await promote(bus, "rival", linearFile({ task: "regression", bias: 5 }));
  await publish(bus, [row("a", 1)]);
  const shadows = await said(bus, { ...spec, shadow: { model: "rival" } }, "models.demo.shadow");
  t.match(shadows, [{ output: 6, sha256: other }]);
});

test("shadow: a candidate that gives no number is given up, and an event says why", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  const weights = [2 ** 127, 0] as const;
  const bad = await put(bus, linearFile({ task: "regression", weights, version: 2 }));
  const news = { topic: "models.demo.trained", msg: { sha256: bad, version: 2 } };
  await publish(bus, [news, row("a", 1e10), row("b", 1), news, row("c", 1)]);
  const given = { ...spec, shadow: true };
  t.equal((await said(bus, given, "scored")).length, 3);
  t.match(await said(bus, given, "models.demo.refused"), [
    { role: "candidate", sha256: bad, code: "MODEL_FAILED" },
  ]);
  t.strictSame(await said(bus, given, "models.demo.shadow"), []);
});

/** A model, a candidate that is off by `bias`, and `count` rows of as many keys, each with its truth. */
async function trial(bus: Bus, bias: number, count: number): Promise<readonly [string, string]> {
  const active = await promote(bus, "demo", linearFile({ task: "regression", bias: 1 }));
  const candidate = await put(bus, linearFile({ task: "regression", bias, version: 2 }));
  const rows = Array.from({ length: count }, (_, x) => [row(`k${x}`, x), label(`k${x}`, x)]);
  await publish(bus, [
    { topic: "models.demo.imported", msg: { sha256: candidate, version: 2 } },
    ...rows.flat(),
  ]);
  return [active, candidate];
}

const canary = { ...spec, canary: { share: 0.4, outcomesMin: 10 } };

interface Scored {
  readonly sha256: string;
  readonly canary?: true;
}

test("canary: a candidate answers for its share of the keys, and is promoted if it is no worse", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const [active, candidate] = await trial(bus, 0.5, 60);
  const topics = ["models.demo.canary", "models.demo.promoted", "models.demo.rolled-back"];
  const news = await said(bus, canary, ...topics);
  t.match(news, [
    { state: "started", sha256: candidate, share: 0.4, active: { sha256: active } },
    { state: "promoted", sha256: candidate, metric: "squared", value: 0.25, baseline: 1 },
    { sha256: candidate, version: 2, previous: active, reason: "canary" },
  ]);
  t.strictSame(await saidDisturbed(bus, canary, ...topics), news);
  const scored = (await said(bus, canary, "scored")) as Scored[];
  const first = scored.findIndex(({ canary }) => canary === undefined);
  t.equal(scored[first]!.sha256, active);
  t.ok(scored.filter(({ canary }) => canary).every(({ sha256 }) => sha256 === candidate));
  const { outcomes } = news[1] as { outcomes: readonly [number, number] };
  t.equal(Math.min(...outcomes), 10);
  t.ok(scored.slice(outcomes[0] + outcomes[1]).every(({ sha256 }) => sha256 === candidate));
});

test("canary: one that a newer candidate displaces, or that is promoted by hand, has an end", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const [, candidate] = await trial(bus, 0.5, 3);
  const file = linearFile({ task: "regression", bias: 0.7, version: 3 });
  const newer = await put(bus, file);
  const msg = { sha256: newer, version: 3 };
  await publish(bus, [{ topic: "models.demo.trained", msg }, row("y", 1)]);
  await publish(bus, [{ topic: "models.demo.promoted", msg }, row("z", 1)]);
  t.match(await said(bus, canary, "models.demo.canary"), [
    { state: "started", sha256: candidate },
    { state: "ended", sha256: candidate, reason: "displaced" },
    { state: "started", sha256: newer },
    { state: "ended", sha256: newer, reason: "promoted" },
  ]);
});

test("canary: one that gives no number has an end", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  const weights = [2 ** 127, 0] as const;
  const bad = await put(bus, linearFile({ task: "regression", weights, version: 2 }));
  await publish(bus, [{ topic: "models.demo.trained", msg: { sha256: bad } }, row("a", 1e10)]);
  t.match(await said(bus, canary, "models.demo.canary"), [
    { state: "started", sha256: bad },
    { state: "ended", sha256: bad, reason: "failed" },
  ]);
});

test("canary: a candidate that does worse is dropped for good", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const [active, candidate] = await trial(bus, 3, 60);
  await publish(bus, [
    { topic: "models.demo.trained", msg: { sha256: candidate, version: 2 } },
    row("z", 1),
  ]);
  const topics = ["models.demo.canary", "models.demo.promoted", "models.demo.rolled-back"];
  const news = await said(bus, canary, ...topics);
  t.match(news, [
    { state: "started" },
    { state: "rolled-back", sha256: candidate, value: 9, baseline: 1 },
    { sha256: candidate, to: { sha256: active }, metric: "squared" },
  ]);
  t.equal(news.length, 3);
  t.match((await said(bus, canary, "scored")).at(-1), { sha256: active });
});

test("rollback: a promoted model that does worse than the one before it is taken back", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const rows = (from: number): Given[] =>
    Array.from({ length: 15 }, (_, x) => [row(`k${from + x}`, x), label(`k${from + x}`, x)]).flat();
  const good = await promote(bus, "demo", linearFile({ task: "regression", bias: 1 }));
  await publish(bus, rows(0));
  const bad = await promote(
    ...([bus, "demo", linearFile({ task: "regression", bias: 2, version: 2 }), 2] as const),
  );
  await publish(bus, rows(100));
  const given = { ...spec, rollback: { outcomesMin: 10 } };
  const topics = ["models.demo.promoted", "models.demo.rolled-back", "models.demo.serving"];
  const news = await said(bus, given, ...topics);
  t.match(news, [
    { sha256: good, reason: "promoted" },
    { sha256: bad, reason: "promoted" },
    { sha256: good, reason: "rollback", previous: { sha256: bad } },
    { sha256: bad, to: { sha256: good }, metric: "squared", value: 4, baseline: 1 },
    { sha256: good, version: 1, previous: bad, reason: "rollback" },
  ]);
  t.strictSame(await saidDisturbed(bus, given, ...topics), news);
  const scored = (await said(bus, given, "scored")) as Scored[];
  t.strictSame(
    scored.slice(15).map(({ sha256 }) => sha256),
    [...Array(10).fill(bad), ...Array(5).fill(good)],
  );
});
