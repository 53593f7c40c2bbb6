import t from "tap";
import { batchKinds, onlineKinds } from "../../../consumers/models/learners/kinds.js";
import type { Task } from "../../../consumers/models/learners/learner.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { over } from "../over-log.js";
import { ordersBus, returned, trainedIn } from "./orders.js";

t.setTimeout(patienceMs);
const runs = loops("FEDBUS_TRAIN_RUNS", 1);

const features: TrainSpec["features"] = [
  { path: "msg.id", encoder: { kind: "number", scaled: true } },
  { path: "msg.amount" },
  { path: "msg.returned" },
];
const { label: _, task: __, ...plain } = { ...returned, features };

/** What a kind can do with orders. */
const tasks: Readonly<Record<Task, Partial<TrainSpec>>> = {
  regression: { label: "msg.amount", features: features.slice(0, 1).concat(features.slice(2)) },
  binary: { label: "msg.returned", features: features.slice(0, 2) },
  classes: { label: "msg.shop", classes: ["a", "b", "c"] },
  anomaly: {},
  clusters: {},
};
/** Small ones, that do not take long. */
const hyper: Readonly<Record<string, object>> = {
  gbdt: { trees: 5 },
  forest: { trees: 5 },
  mlp: { hidden: [8] },
};

for (const kind of [...onlineKinds.values(), ...batchKinds.values()])
  t.test(`train: ${kind.name} is the same model in other commits and after any stop`, async (t) => {
    const random = seeded(t);
    await using bus = await ordersBus(1_500, 11);
    for (const task of kind.tasks) {
      const spec: TrainSpec = {
        ...{ ...plain, ...tasks[task], model: kind.name, task, baseline: false },
        ...{ minRows: 512, every: { rows: 700 }, hyper: hyper[kind.name] ?? {} },
      };
      const { outputs, bytes, sha256 } = await over(bus, train(spec));
      t.equal(trainedIn(outputs).length, 2, `${task}: two models`);
      for (let run = 0; run < runs; run++) {
        const commitEventsMax = 10 + below(random, 300);
        const steps = Math.ceil(3 * (1_500 / commitEventsMax));
        const crashAt = Array.from({ length: 4 }, () => 1 + below(random, steps));
        const parted = await over(bus, train(spec), { limits: { commitEventsMax }, crashAt });
        t.equal(parted.bytes, bytes, `${task}: the same outputs in commits of ${commitEventsMax}`);
        t.equal(parted.sha256, sha256, `${task}: the same state`);
      }
    }
  });
