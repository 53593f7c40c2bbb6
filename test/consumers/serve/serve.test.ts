import { test } from "tap";
import { silentLogger } from "../../../bus/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import type { FedbusError } from "../../../schemas/index.js";
import { busOf, over } from "../over-log.js";
import { classesFile, linearFile, promote, publish, put, sigmoid } from "./models.js";
import { options, outputsOf, row } from "./scores.js";

test("serve: scores each event with the model that is promoted at its place", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const first = await promote(bus, "demo", linearFile({ bias: 0 }), 1);
  await publish(bus, [row(0), row(1)]);
  const second = await promote(bus, "demo", linearFile({ bias: 1, version: 2 }), 2);
  await publish(bus, [row(2), row(-3)]);
  const said = await outputsOf(bus, { ...options, id: "msg.id" });
  t.match(said, [
    { offset: 1, id: "e0", model: "demo", version: 1, sha256: first, decision: true },
    { offset: 2, id: "e1", version: 1, sha256: first, decision: true },
    { offset: 4, id: "e2", version: 2, sha256: second, decision: true },
    { offset: 5, id: "e-3", version: 2, sha256: second, decision: false },
  ]);
  for (const [index, raw] of [0, 1, 3, -2].entries())
    t.ok(Math.abs(said[index]!.output - sigmoid(raw)) < 1e-6);
  const swaps = await outputsOf(bus, options, "models.demo.serving");
  t.strictSame(swaps, [
    { consumer: "scores", sha256: first, version: 1, offset: 0, reason: "promoted" },
    {
      ...{ consumer: "scores", sha256: second, version: 2, offset: 3, reason: "promoted" },
      previous: { sha256: first, version: 1 },
    },
  ]);
});

test("serve: names the event that a prediction is about as its cause", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({}));
  await publish(bus, [row(1)]);
  const { outputs } = await over(bus, serve({ ...options, key: "msg.id" }));
  const [prediction] = outputs.filter(({ topic }) => topic === "scored");
  t.match(prediction!.envelope.headers, { cause: { consumer: "scores", offset: 1, key: "e1" } });
});

test("serve: decides at the threshold that is given", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ task: "regression" }));
  await publish(bus, [row(6.5), row(7), row(8)]);
  const plain = await outputsOf(bus, options);
  t.strictSame(
    plain.map(({ output, decision }) => [output, decision]),
    [6.5, 7, 8].map((value) => [value, undefined]),
  );
  const decided = await outputsOf(bus, { ...options, threshold: () => 7 });
  t.strictSame(
    decided.map(({ decision }) => decision),
    [false, true, true],
  );
});

test("serve: names the class that is most likely", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", classesFile(["left", "up", "down"]));
  await publish(bus, [row(3, 0), row(0, 3), row(-3, -3)]);
  const said = await outputsOf(bus, options);
  t.strictSame(
    said.map(({ decision }) => decision),
    ["left", "up", "down"],
  );
  for (const { output } of said) t.equal((output as unknown as number[]).length, 3);
});

test("serve: keeps events until there is a model, in their order", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await publish(bus, [row(0), row(1), row(2)]);
  const sha256 = await promote(bus, "demo", linearFile({ task: "regression" }));
  await publish(bus, [row(3)]);
  const said = await outputsOf(bus, options);
  t.match(
    said,
    [0, 1, 2, 4].map((offset, output) => ({ offset, output, sha256 })),
  );
  const few = await outputsOf(bus, { ...options, waitingMax: 2 });
  t.match(few, [
    { offset: 2, output: null, reason: "waiting-full" },
    { offset: 0, output: 0 },
    { offset: 1, output: 1 },
    { offset: 4, output: 3 },
  ]);
});

test("serve: says once that events wait for a model, and once that no more of them can", async (t) => {
  const bus = await busOf([row(0), row(1), row(2), row(3)]);
  t.teardown(() => bus.close());
  const warned = async (spec: object, replay = false): Promise<string[]> => {
    const texts: string[] = [];
    const warn = (_: object, text: string): void => void texts.push(text);
    const runner = { replay, logger: { ...silentLogger, warn } };
    await over(bus, serve({ ...options, ...spec }), { limits: { commitEventsMax: 1 }, runner });
    return texts;
  };
  const advice =
    /none that can be used was promoted as demo .*`fedbus model list demo`.*`missing: "pass"`/;
  t.match(await warned({}), [advice]);
  t.match(await warned({ waitingMax: 2 }), [
    advice,
    /no further events can wait for the model demo/,
  ]);
  t.equal((await warned({})).length, 1);
  t.strictSame(await warned({}, true), [], "in a replay it is too late");
  t.strictSame(await warned({ missing: "pass" }), []);
  await promote(bus, "demo", linearFile({}));
  const texts: string[] = [];
  const warn = (_: object, text: string): void => void texts.push(text);
  await over(bus, serve(options), { runner: { logger: { ...silentLogger, warn } } });
  t.strictSame(texts, [], "one that comes before anything is committed was not missing");
});

test("serve: without a model lets events pass, or falls back, as declared", async (t) => {
  const bus = await busOf([row(1)]);
  t.teardown(() => bus.close());
  const said = { offset: 0, model: "demo", reason: "no-model" };
  t.strictSame(await outputsOf(bus, { ...options, missing: "pass" }), [{ ...said, output: null }]);
  t.strictSame(await outputsOf(bus, { ...options, missing: { fallback: 0.1 } }), [
    { ...said, output: 0.1 },
  ]);
  t.strictSame(await outputsOf(bus, options), []);
});

test("serve: an event whose features cannot be told fails alone", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({}));
  await publish(bus, [row(1), { topic: "in", msg: null }, row(2)]);
  const features = {
    names: ["x", "y"],
    values: ({ msg }: { msg: unknown }) => {
      const { x, y } = msg as { x: number; y: number };
      return { x, y };
    },
  };
  const spec = { ...options, features, attemptsMax: 1 };
  const { outputs } = await over(bus, serve(spec), { limits: { retryMsMax: 1 } });
  t.strictSame(
    outputs.map(({ topic }) => topic),
    ["models.demo.serving", "scored", "consumers.scores.dead-letter", "scored"],
  );
});

test("serve: refuses options that make no sense, all at once", (t) => {
  const wrong = { canary: { share: 2 }, rollback: {}, initial: "x", missing: "maybe" as never };
  try {
    serve({ ...options, ...wrong });
    t.fail("they were taken");
  } catch (error) {
    t.match(error, { code: "OPTIONS_INVALID" });
    t.equal(((error as FedbusError).details.problems as readonly string[]).length, 5);
  }
  t.throws(() => serve({ ...options, model: "No!" }), { code: "OPTIONS_INVALID" });
  t.end();
});

test("serve: begins with the model that is given, until another is promoted", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  const initial = await put(bus, linearFile({ task: "regression", bias: 7 }));
  await publish(bus, [row(1)]);
  const next = await promote(bus, "demo", linearFile({ task: "regression", version: 2 }), 2);
  await publish(bus, [row(1)]);
  const given = { ...options, initial };
  t.match(await outputsOf(bus, given), [
    { output: 8, sha256: initial },
    { output: 1, sha256: next },
  ]);
  const pinned = await over(bus, serve(options).pinnedTo(initial));
  t.match(
    pinned.outputs.filter(({ topic }) => topic === "scored").map(({ msg }) => msg),
    [{ output: 8 }, { output: 8 }],
  );
});

test("serve: names the class of a yes or no if it has names", async (t) => {
  const bus = await busOf([]);
  t.teardown(() => bus.close());
  await promote(bus, "demo", linearFile({ classes: ["good", "bad"] }));
  await publish(bus, [row(-1), row(1)]);
  t.match(await outputsOf(bus, options), [{ decision: "good" }, { decision: "bad" }]);
});

test("serve: refuses to score its own predictions", async (t) => {
  const bus = await busOf([row(1)]);
  t.teardown(() => bus.close());
  for (const topics of [["scored"], ["in", "#"]])
    await t.rejects(over(bus, serve({ ...options, topics })), {
      code: "OPTIONS_INVALID",
      message: /output scored is among topics, which are scored/,
    });
});
