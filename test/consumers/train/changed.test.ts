import t from "tap";
import { boundedFeed, type Consumer, Runner, StateStore } from "../../../consumers/index.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { outcomeOf } from "../over-log.js";
import { ordersBus, returned, trainedIn } from "./orders.js";

t.test(
  "train: told to learn something else it begins anew, and counts its versions on",
  async (t) => {
    await using bus = await ordersBus(3_000);
    const store = await StateStore.open(t.testdir(), { durable: false });
    t.teardown(() => store.close());
    const warnings: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      error() {},
      warn: (fields: object) => void warnings.push(fields),
    };
    const runTo = async (spec: TrainSpec, head: number): Promise<void> => {
      const consumer: Consumer = train(spec);
      const feed = boundedFeed(bus.source, head);
      await new Runner({ consumer, config: {}, store, source: bus.source, feed, logger }).run();
    };
    const first: TrainSpec = { ...returned, model: "logistic", every: { rows: 500 } };
    await runTo(first, 1_300);
    await runTo({ ...first, promote: "manual", every: { rows: 600 } }, 1_900);
    t.same(warnings, [], "when it publishes is nothing that it learns");
    await runTo({ ...first, features: [{ path: "msg.amount" }] }, 3_000);
    t.match(warnings, [{ model: "returned" }]);
    const { outputs } = await outcomeOf(store);
    const models = trainedIn(outputs).map(({ version, rows, offsets }) => [
      version,
      rows,
      offsets.from,
    ]);
    t.same(models, [
      [1, 1_000, 0],
      [2, 1_800, 0],
      [3, 1_000, 1_900],
    ]);
  },
);
