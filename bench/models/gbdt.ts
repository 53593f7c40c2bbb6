// Boosted trees: 20,000 rows of 20 columns, 100 trees of 31 leaves, beside scikit-learn on one thread.
import type { LabelledRows, Shape } from "../../consumers/models/learners/learner.js";
import { boostedTrees } from "../../consumers/models/trees/boosted-trees.js";
import { SeededRandom } from "../../consumers/runner/random.js";
import { readOptions } from "../harness/options.js";
import { Report } from "../harness/report.js";
import { interleave } from "../harness/rounds.js";
import { ratios } from "../harness/statistics.js";
import { fitScikit, noRows, scikitLearn } from "./scikit-learn.js";

const options = readOptions();
const report = new Report("gbdt", options);
const counts = options.quick ? { warmUps: 1, rounds: 3 } : { warmUps: 3, rounds: 11 };
const width = 20;
const train = sampleRows(20_000);
const test = noRows(width);
const shape: Shape = { width, task: "binary", classes: 2, seed: 1 };
const secondsMax = 1.5;
const timesScikitMax = 2;

/** Class 1 depends on some of the columns, together and not along lines. */
function sampleRows(count: number): LabelledRows {
  const random = new SeededRandom();
  random.seed(1, 1);
  const normal = () => Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b) - 6;
  const values = Float64Array.from({ length: count * width }, normal);
  const labels = Float64Array.from({ length: count }, (_, row) => {
    const [a, b, c, d] = values.subarray(row * width, row * width + 4);
    return a! * b! + Math.sin(2 * c!) + d! / 2 + 0.7 * normal() > 0 ? 1 : 0;
  });
  return { width, count, values, labels, weights: new Float64Array(count).fill(1) };
}

/** Seconds that the processor worked, all threads together: what else runs disturbs it less. */
async function ownSeconds(): Promise<number> {
  const before = process.cpuUsage();
  await boostedTrees.fit(train, shape, boostedTrees.defaults);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const python = await scikitLearn();
const own = { name: "fedbus", round: ownSeconds };
if ("missing" in python) {
  report.note(`without scikit-learn: ${python.missing}`);
  const seconds = report.series("fedbus", "s", (await interleave([own], counts)).get(own.name)!);
  report.target("seconds to fit", seconds.median, { atMost: secondsMax });
} else {
  // The faster of two fits each time, since Python begins anew.
  const round = async () => {
    const fitted = await fitScikit(python, ["gbdt"], { train, test, minRows: 20 }, 2);
    return fitted.get("gbdt")!.seconds;
  };
  const measured = await interleave([own, { name: "scikit-learn", round }], counts);
  for (const [name, values] of measured) report.series(name, "s of CPU", values);
  const ratio = ratios(measured.get("fedbus")!, measured.get("scikit-learn")!);
  report.ratio("of scikit-learn's time", ratio);
  report.target("times scikit-learn's", ratio.median, { atMost: timesScikitMax });
}
report.finish();
