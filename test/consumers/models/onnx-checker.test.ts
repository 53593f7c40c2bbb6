import t from "tap";
import { pythonWith } from "../../../bench/models/python.js";
import { completeHyper } from "../../../consumers/models/learners/hyper.js";
import { batchKinds, onlineKinds } from "../../../consumers/models/learners/kinds.js";
import type { Predictor, Shape, Task } from "../../../consumers/models/learners/learner.js";
import { fileOf, withoutOnnxRuntime } from "./exported.js";
import { crossed, curved, inThree, randomRows } from "./trees/samples.js";

const python = await pythonWith("onnx");
const skip = "missing" in python ? python.missing : withoutOnnxRuntime;

/** Reads files, each behind its length, and says of each whether it is valid; wrong shapes and types are found too. */
const script = `
import sys, struct, onnx
while size := sys.stdin.buffer.read(4):
    file = sys.stdin.buffer.read(struct.unpack("<I", size)[0])
    try:
        onnx.checker.check_model(onnx.load_from_string(file), full_check=True)
        print("valid")
    except Exception as error:
        print(" ".join(str(error).split()) or "wrong")
`;

const labels: Record<Task, (row: Float64Array, noise: number) => number> = {
  regression: curved,
  binary: crossed,
  classes: inThree,
  anomaly: crossed,
  clusters: crossed,
};

async function fitted(name: string, task: Task): Promise<Predictor> {
  const classes = task === "classes" ? 3 : task === "binary" ? 2 : 1;
  const shape: Shape = { width: 3, task, classes, seed: 1 };
  const rows = randomRows(300, 3, 1, labels[task], 0);
  const batch = batchKinds.get(name);
  if (batch !== undefined)
    return batch.fit(rows, shape, completeHyper(batch, { trees: 3 } as object));
  const online = onlineKinds.get(name)!;
  const learner = await online.open(shape, completeHyper(online));
  await learner.learn(rows);
  return learner;
}

t.test(
  "models: ONNX's own checker takes the file of each kind, for each task",
  { skip },
  async (t) => {
    if ("missing" in python) return;
    const files: [string, Buffer][] = [["no model", Buffer.from("no model")]];
    for (const [name, { tasks }] of [...onlineKinds, ...batchKinds])
      for (const task of tasks) {
        const predictor = await fitted(name, task);
        files.push([`${name}, ${task}`, fileOf(predictor, 3)]);
        await predictor.close?.();
      }
    const framed = files.flatMap(([, file]) => [
      Buffer.from(Uint32Array.of(file.length).buffer),
      file,
    ]);
    const [nonsense, ...verdicts] = (await python.run(script, Buffer.concat(framed)))
      .trim()
      .split("\n");
    t.not(nonsense, "valid", "the checker does check");
    t.equal(verdicts.length, files.length - 1);
    for (const [i, verdict] of verdicts.entries()) t.equal(verdict, "valid", files[i + 1]![0]);
  },
);
