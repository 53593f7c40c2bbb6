import { test } from "tap";
import { silentLogger } from "../../../bus/index.js";
import { boundedFeed, Runner, StateStore } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import type { ServeSpec } from "../../../consumers/serve/serve-options.js";
import { busOf, over } from "../over-log.js";
import { linearFile, promote, publish } from "./models.js";

const outcomes = { topics: ["label"], id: "msg.id", label: "msg.was", withinMs: 60_000 };
const spec: ServeSpec = {
  ...{ name: "scores", topics: ["in"], model: "demo", output: "scored", id: "msg.id" },
  outcomes,
};

/** Events to score, each with its outcome; y is there once only. */
function rows(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => {
    const id = `e${from + index}`;
    const y = from + index === 50 ? { y: 1 } : {};
    return [
      { topic: "in", msg: { x: index, id, ...y } },
      { topic: "label", msg: { id, was: index } },
    ];
  }).flat();
}

/** What a consumer warns of, and puts out, over so many events. */
async function told(given: Partial<ServeSpec>, paths: readonly string[], count = 120) {
  const bus = await busOf([]);
  await promote(bus, "demo", linearFile({ task: "regression", paths }));
  await publish(bus, rows(count));
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warned.push(text) };
  const limits = { commitEventsMax: 7, retryMsMax: 1 };
  const run = { runner: { logger, blobs: bus.blobs }, limits };
  const { outputs, bytes } = await over(bus, serve({ ...spec, ...given }), run);
  await bus.close();
  const judged = outputs.filter(({ topic }) => topic === "models.demo.outcome").length;
  return { warned, judged, bytes };
}

test("serve: nothing is told of what is missing now and then", async (t) => {
  const { warned, judged } = await told({}, ["msg.x", "msg.y"]);
  t.strictSame(warned, []);
  t.equal(judged, 1, "of the one event that the model can score");
});

test("serve: a feature that no event has is told once", async (t) => {
  const { warned } = await told({}, ["msg.x", "msg.yy"]);
  t.strictSame(warned, [
    "100 of 100 events have nothing where a feature is looked for (msg.yy), first the one at offset 1: it is always missing; is the path right?",
  ]);
});

test("serve: paths of ids, keys and labels that no event has are told once each", async (t) => {
  const label = { outcomes: { ...outcomes, label: "msg.wsa" } };
  const { warned, judged } = await told(label, ["msg.x", "msg.x"]);
  t.match(warned, [/^10 of 10 events tell an outcome without a label \(msg\.wsa\), .* offset 2:/]);
  t.equal(warned.length, 1);
  t.equal(judged, 0);
  const others = { id: "msg.di", key: "msg.who", outcomes: { ...outcomes, id: "msg.order" } };
  t.match((await told(others, ["msg.x", "msg.x"], 12)).warned, [
    /^10 of 10 events have no id \(msg\.di\), first the one at offset 1:/,
    /^10 of 10 events have no key \(msg\.who\), first the one at offset 1:/,
    /^10 of 10 events tell an outcome without an id \(msg\.order\), first the one at offset 2:/,
  ]);
  t.strictSame((await told(others, ["msg.x", "msg.x"], 9)).warned, [], "too few to tell");
});

test("serve: a note says what was never there until it comes, also after a restart", async (t) => {
  const bus = await busOf([]);
  const store = await StateStore.open(t.testdir(), { durable: false });
  t.teardown(async () => {
    await store.close();
    await bus.close();
  });
  await promote(bus, "demo", linearFile({ task: "regression", paths: ["msg.x", "msg.late"] }));
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (_: object, text: string) => void warned.push(text) };
  const life = async (events: Parameters<typeof publish>[1]): Promise<string | undefined> => {
    await publish(bus, events);
    const { source, blobs } = bus;
    const feed = boundedFeed(source, (await source.info()).head);
    const runner = new Runner({
      ...{ consumer: serve(spec), config: {}, store, source, blobs, feed, logger },
    });
    await runner.run();
    return runner.progress?.note;
  };
  t.equal(await life(rows(60)), undefined);
  t.match(await life(rows(60, 60)), /^120 of 120 events have nothing .*\(msg\.late\)/);
  t.match(await life(rows(1, 120)), /^121 of 121 events/);
  t.equal(warned.length, 1);
  t.equal(await life([{ topic: "in", msg: { x: 1, late: 1, id: "z" } }]), undefined);
  t.equal(await life(rows(110, 200)), undefined);
});
