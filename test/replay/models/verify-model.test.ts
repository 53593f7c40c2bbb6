import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import {
  boundedFeed,
  type Consumer,
  type ModelVersion,
  Runner,
  type RunnerOptions,
  readModel,
  StateStore,
  type TrainSpec,
  train,
} from "../../../consumers/index.js";
import type { Feature } from "../../../consumers/models/features/feature.js";
import { verifyModel } from "../../../replay/index.js";
import { patienceMs } from "../../bus/seed.js";
import { type Given, logStart } from "../../consumers/over-log.js";
import { orders, returned } from "../../consumers/train/orders.js";
import { scratch } from "../scratch.js";

t.setTimeout(patienceMs);

const count = 2_400;
const spec: TrainSpec = { ...returned, hyper: { trees: 6 }, seed: 3 };

/** A log on disk with the events, each at its own time, and with the models that `learner` made of them. */
async function logOf(t: Test, events: readonly Given[], learner?: Consumer): Promise<Bus> {
  const dir = scratch(t);
  let now = logStart;
  const bus = await openBus({ dir: join(dir, "log"), clock: () => now });
  t.teardown(() => bus.close());
  await using publisher = bus.publisher();
  for (let from = 0; from < events.length; from += 100) {
    now = logStart + from * 1_000;
    await publisher.publishMany(
      events.slice(from, from + 100).map(({ topic, msg }) => ({ topic, msg })),
    );
  }
  if (learner === undefined) return bus;
  const { source, blobs } = bus;
  const feed = boundedFeed(source, (await source.info()).head);
  const store = await StateStore.open(join(dir, "consumer"));
  const openSink: RunnerOptions["openSink"] = (place) =>
    bus.sink({ producer: learner.name, ...place });
  await new Runner({ consumer: learner, config: {}, store, source, blobs, feed, openSink }).run();
  await store.close();
  return bus;
}

/** Copies what the log tells of models, files included, behind the same number of other events. */
async function copyModels(from: Bus, to: Bus): Promise<void> {
  for (const { sha256 } of await from.blobs.list())
    await to.blobs.put(await from.blobs.get(sha256));
  await using publisher = to.publisher();
  for await (const event of from.query({ patterns: "models.#" }))
    await publisher.publishEnvelopes([event.bytes]);
}

const models = async (bus: Bus): Promise<readonly ModelVersion[]> =>
  (await readModel(bus, "returned")).versions;

async function verified(t: Test, bus: Bus, model: ModelVersion, changes: Partial<TrainSpec> = {}) {
  const consumer = train({ ...spec, ...changes });
  return await verifyModel({ source: bus.source, model, consumer, dir: scratch(t) });
}

t.test("verify: every version comes out the same, byte for byte", async (t) => {
  const bus = await logOf(t, orders(count), train(spec));
  const versions = await models(bus);
  t.ok(versions.length >= 2, `${versions.length} versions`);
  for (const model of versions) {
    const { isSame, retrained, file, events, from, differences } = await verified(t, bus, model);
    t.equal(isSame, true, `version ${model.version}`);
    t.same([retrained?.sha256, file, from], [model.sha256, "whole", 0]);
    t.ok(events >= 1_000 && events <= count);
    t.same(differences, []);
  }
});

t.test(
  "verify: what was trained by other options than before comes out the same too",
  async (t) => {
    const bus = await logOf(t, orders(count));
    const store = await StateStore.open(join(scratch(t), "consumer"));
    t.teardown(() => store.close());
    const { source, blobs } = bus;
    const openSink: RunnerOptions["openSink"] = (place) =>
      bus.sink({ producer: "returned", ...place });
    for (const [changes, head] of [
      [{ every: { rows: 600 }, minRows: 600 }, 900],
      [{ hyper: { trees: 7 } }, count],
    ] as const) {
      const consumer = train({ ...spec, ...changes });
      const feed = boundedFeed(source, head);
      await new Runner({ consumer, config: {}, store, source, blobs, feed, openSink }).run();
    }
    const [, second] = await models(bus);
    t.match(second, { version: 2, lineage: { offsets: { from: 900 } } });
    const verification = await verified(t, bus, second!, { hyper: { trees: 7 } });
    t.match(verification, { isSame: true, retrained: { version: 1 }, differences: [] });
  },
);

t.test("verify: another hyperparameter, seed or feature fails it, and is named", async (t) => {
  const bus = await logOf(t, orders(count), train(spec));
  const [, model] = await models(bus);
  for (const [changes, path] of [
    [{ hyper: { trees: 7 } }, "/hyper/trees"],
    [{ seed: 4 }, "/seed"],
    [{ features: (spec.features as readonly Feature[]).slice(0, 1) }, "/features/columns/2"],
  ] as const) {
    const verification = await verified(t, bus, model!, changes as Partial<TrainSpec>);
    t.equal(verification.isSame, false);
    t.not(verification.retrained?.sha256, model!.sha256);
    t.ok(
      verification.differences.some((one) => one.path === path),
      path,
    );
  }
});

t.test(
  "verify: one event that was altered fails it, and one behind the model does not",
  async (t) => {
    const bus = await logOf(t, orders(count), train(spec));
    const [first, second] = await models(bus);
    for (const at of [10, 700, 1_500]) {
      const events = orders(count).map((event, index) => {
        if (index !== at) return event;
        const { returned: label, ...msg } = event.msg as { returned: boolean };
        return { ...event, msg: { ...msg, returned: !label } };
      });
      const altered = await logOf(t, events);
      await copyModels(bus, altered);
      const copied = await models(altered);
      t.same(
        copied.map(({ sha256 }) => sha256),
        [first!.sha256, second!.sha256],
      );
      const verification = await verified(t, altered, copied[1]!);
      t.equal(verification.isSame, false, `event ${at}`);
      t.equal(verification.isSameGraph, false);
      const earlier = await verified(t, altered, copied[0]!);
      t.equal(earlier.isSame, at >= first!.cause!.offset + 1, `of the first model, event ${at}`);
    }
  },
);

t.test("verify: only the code's hash differs: what computes is the same", async (t) => {
  const bus = await logOf(t, orders(count), train(spec));
  const [model] = await models(bus);
  const consumer = { ...train(spec), code: "ab".repeat(32) };
  const verification = await verifyModel({
    source: bus.source,
    model: model!,
    consumer,
    dir: scratch(t),
  });
  t.match(verification, { isSame: false, isSameGraph: true });
  t.same(verification.differences, [{ path: "/plugin/code", retrained: "ab".repeat(32) }]);
});

t.test(
  "verify: files that are gone or damaged are told, and the retraining still counts",
  async (t) => {
    const bus = await logOf(t, orders(count), train(spec));
    const [first, second] = await models(bus);
    const { dir = "" } = await bus.stats();
    writeFileSync(join(dir, "blobs", first!.sha256), "damaged");
    t.match(await verified(t, bus, first!), { isSame: true, file: "corrupt" });
    const copy = await logOf(t, orders(count));
    await using publisher = copy.publisher();
    for await (const event of bus.query({ patterns: "models.*.trained" }))
      await publisher.publishEnvelopes([event.bytes]);
    const [, model] = await models(copy);
    t.equal(model!.sha256, second!.sha256);
    t.match(await verified(t, copy, model!), { isSame: true, file: "missing" });
  },
);

t.test(
  "verify: causes are told before what follows from them, also where no model came",
  async (t) => {
    const bus = await logOf(t, orders(count), train(spec));
    const [, model] = await models(bus);
    for (const [changes, expected] of [
      [{ seed: 4, hyper: { trees: 7 } }, ["/hyper/trees", "/seed"]],
      [{ every: { rows: 500 } }, ["/training/every/rows"]],
      [{ every: { rows: 700 } }, ["/training/every/rows"]],
      [{ every: { ms: 60_000 }, seed: 9 }, ["/seed", "/training/every/rows", "/training/every/ms"]],
      [{ threshold: 0.3 }, ["/training/threshold"]],
    ] as const) {
      const verification = await verified(t, bus, model!, changes as Partial<TrainSpec>);
      t.equal(verification.isSame, false);
      const paths = verification.differences.map(({ path }) => path);
      t.same(paths.slice(0, expected.length), expected);
      const symptoms = paths.slice(expected.length);
      t.ok(
        symptoms.every((path) => /^\/(metrics|baseline|rows)/.test(path)),
        symptoms.join(", "),
      );
    }
    const { retrained } = await verified(t, bus, model!, { every: { rows: 700 } });
    t.equal(retrained, undefined);
  },
);

t.test("verify: a retraining that publishes nothing says why, if it can", async (t) => {
  const bus = await logOf(t, orders(count), train(spec));
  const [model] = await models(bus);
  const none = await verified(t, bus, model!, { minRows: 2_000 });
  const difference = { path: "/training/minRows", stored: 1_000, retrained: 2_000 };
  t.same([none.isSame, none.differences], [false, [difference]]);
  t.equal(none.retrained, undefined);
  const { cause: _, ...imported } = model!;
  await t.rejects(verified(t, bus, imported), { code: "INPUT_INVALID" });
});
