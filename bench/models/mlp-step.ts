// Steps of training a network with one hidden layer, beside bare runs of the same graph, by CPU time.
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { LabelledRows } from "../../consumers/models/learners/learner.js";
import { initialWeights } from "../../consumers/models/learners/network/initial-weights.js";
import { mlp } from "../../consumers/models/learners/network/mlp.js";
import type { NetworkSpec } from "../../consumers/models/learners/network/network-spec.js";
import { stepGraph } from "../../consumers/models/learners/network/training-graph.js";
import { SeededRandom } from "../../consumers/runner/random.js";
import { readOptions } from "../harness/options.js";
import { Report } from "../harness/report.js";
import { interleave } from "../harness/rounds.js";
import { ratios } from "../harness/statistics.js";

const options = readOptions();
const report = new Report("models/mlp-step", options);
const counts = options.quick ? { warmUps: 2, rounds: 5 } : { warmUps: 5, rounds: 40 };
const stepsPerRound = options.quick ? 200 : 1_000;
/** Steps that a replay hands over at once. */
const stepsAtOnce = 32;
const [width, hidden, count] = [20, 64, 256] as const;
const outputs = 1;

const random = new SeededRandom();
random.seed(1, 0);
const floats = (length: number) => Float64Array.from({ length }, () => 2 * random.next() - 1);
/** Several batches, so that no branch is learnt by heart. */
const batches: readonly LabelledRows[] = Array.from({ length: 16 }, () => ({
  width,
  count,
  values: floats(count * width),
  labels: floats(count).map((value) => Number(value > 0)),
  weights: new Float64Array(count).fill(1),
}));

/** Does steps and gives the CPU time of one of them, µs. */
async function timed(steps: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / steps;
}

/** The graph alone: inputs are ready, and what comes out is the next one's input. */
async function openBare(): Promise<() => Promise<void>> {
  const spec: NetworkSpec = {
    layers: [width, hidden, outputs],
    activation: "relu",
    link: "sigmoid",
    optimiser: "adam",
    l1: 0,
    l2: 0,
  };
  const session = await InferenceSession.create(stepGraph(spec), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const parameters = initialWeights(spec, 1);
  const vectorOf = (values: Float32Array) => new Tensor("float32", values, [values.length]);
  let vectors = {
    parameters: vectorOf(parameters),
    momentum: vectorOf(new Float32Array(parameters.length)),
    squares: vectorOf(new Float32Array(parameters.length)),
  };
  const inputs = batches.map(({ values, labels }) => ({
    rows: new Tensor("float32", new Float32Array(values), [count, width]),
    targets: new Tensor("float32", new Float32Array(labels), [count, outputs]),
    shares: new Tensor("float32", new Float32Array(count).fill(1 / count), [count, 1]),
    rate: new Tensor("float32", Float32Array.of(0.003), [1]),
  }));
  return async () => {
    for (let step = 0; step < stepsPerRound; step++) {
      const found = await session.run({ ...vectors, ...inputs[step % inputs.length]! });
      vectors = {
        parameters: found["next parameters"] as Tensor as typeof vectors.parameters,
        momentum: found["next momentum"] as typeof vectors.parameters,
        squares: found["next squares"] as typeof vectors.parameters,
      };
    }
  };
}

const shape = { width, task: "binary", classes: 2, seed: 1 } as const;
const openLearner = () => mlp.open(shape, { ...mlp.defaults, hidden: [hidden], stepRows: count });

const bare = await openBare();
const single = await openLearner();
const many = await openLearner();
const atOnce = Array.from({ length: stepsAtOnce }, (_, step) => batches[step % batches.length]!);

const measured = await interleave(
  [
    { name: "bare", round: () => timed(stepsPerRound, bare) },
    {
      name: "single",
      round: () =>
        timed(stepsPerRound, async () => {
          for (let step = 0; step < stepsPerRound; step++)
            await single.learn(batches[step % batches.length]!);
        }),
    },
    {
      name: "many",
      round: () => {
        const runs = Math.ceil(stepsPerRound / stepsAtOnce);
        return timed(runs * stepsAtOnce, async () => {
          for (let run = 0; run < runs; run++) await many.learnMany?.(atOnce);
        });
      },
    },
  ],
  counts,
);
await single.close?.();
await many.close?.();

const [bareUs, singleUs, manyUs] = ["bare", "single", "many"].map((name) => measured.get(name)!);
report.series(`bare run of the graph, ${count} rows`, "µs of CPU", bareUs!);
report.series("a step of the learner", "µs of CPU", singleUs!);
report.series(`a step of ${stepsAtOnce} at once`, "µs of CPU", manyUs!);
const share = ratios(bareUs!, singleUs!);
report.ratio("of the bare run's rate", share);
report.target("of the bare run's rate", share.median, { atLeast: 0.8 });
report.ratio("the same, many at once", ratios(bareUs!, manyUs!));
report.finish();
