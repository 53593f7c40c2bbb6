import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { importModel, promoteModel } from "../../consumers/index.js";
import { patienceMs } from "../bus/seed.js";
import { classifier, twoInputs } from "../consumers/models/adapt/foreign.js";
import { Cli, cli } from "./spawn-cli.js";

t.setTimeout(patienceMs);

t.test(
  "model: a foreign file is imported, promoted, and predicts lines of every kind",
  async (t) => {
    const dir = t.testdir();
    const log = join(dir, "log");
    const file = join(dir, "model.onnx");
    const features = join(dir, "features.json");
    writeFileSync(file, twoInputs());
    writeFileSync(features, JSON.stringify([{ path: "msg.hour" }, { path: "msg.amount" }]));
    const line = ["model", "import", file, "--name", "price", "--features", features, "--dir", log];
    t.match(await cli(line), { code: 3, err: /LOG_NOT_FOUND/ });
    t.match(await cli([...line, "--create", "--promote"]), {
      code: 0,
      out: /^price@1 is in the log .*\nit takes 2 columns and gives 1: .*\nit answers from now on\n$/,
    });
    const list = await cli(["model", "list", "price", "--dir", log]);
    t.match(list.out, /\n +1 +active +- +/, "nobody knows of how many rows it was made");
    const input = [
      `{"hour": 3, "amount": 1.5}`,
      `[4, 2.5]`,
      `{"topic": "shop.order", "msg": {"hour": 1, "amount": 1}}`,
      `{"offset": 7, "recordedAt": 1, "event": {"topic": "a", "msg": {"hour": 2, "amount": 0}}}`,
      `{"hour": 3}`,
      "",
      `no JSON`,
      `[1]`,
      `[1, "two"]`,
    ].join("\n");
    const predicted = await cli(["model", "predict", "price", "--dir", log], { input });
    t.equal(predicted.code, 1, "some lines could not be scored");
    const lines = predicted.out
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    t.match(lines, [
      { line: 1, output: 33 },
      { line: 2, output: 45 },
      { line: 3, output: 12 },
      { line: 4, offset: 7, output: 20 },
      { line: 5, error: { code: "MODEL_FAILED" }, missing: ["msg.amount"] },
      { line: 7, error: { code: "JSON_INVALID" } },
      { line: 8, error: { code: "INPUT_INVALID" } },
      { line: 9, error: { code: "INPUT_INVALID" } },
    ]);
    t.equal(lines.length, 8);
  },
);

t.test(
  "model: a classifier decides, and one that does not fit is refused with a remedy",
  async (t) => {
    const dir = t.testdir();
    const log = join(dir, "log");
    const file = join(dir, "model.onnx");
    const features = join(dir, "features.json");
    writeFileSync(file, classifier());
    const declared = (more: object): void => {
      const list = ["a", "b", "c"].map((name) => ({ path: `msg.${name}` }));
      writeFileSync(features, JSON.stringify({ features: list, ...more }));
    };
    const line = ["model", "import", file, "--name", "risk", "--features", features, "--dir", log];
    declared({ task: "regression" });
    t.match(await cli([...line, "--create"]), { code: 2, err: /by `columns` \(OPTIONS_INVALID\)/ });
    declared({ classes: ["low", "high"] });
    t.match(await cli([...line, "--create"]), { code: 0, out: /promote risk@1\n$/ });
    const input = `{"a": 1, "b": 0, "c": 1}\n{"a": -1, "b": 0, "c": -1}\n`;
    const predict = ["model", "predict", "risk", "--dir", log];
    const predicted = await cli(predict, { input });
    t.match(predicted, { code: 0, out: /"decision":"high"}\n.*"decision":"low"}\n/ });
    t.match(await cli([...predict, "--threshold", "2"]), { code: 2, err: /--threshold/ });
  },
);

/** A log in which the model `risk` sees the members a, b and c, and answers. */
async function withRisk(dir: string): Promise<string> {
  await using bus = await openBus({ dir });
  const features = ["a", "b", "c"].map((name) => ({ path: `msg.${name}` }));
  const declaration = { features, classes: [false, true] };
  const { version } = await importModel(bus, classifier(), { name: "risk", declaration });
  await promoteModel(bus, `risk@${version}`);
  return dir;
}

t.test("model: predict says what it does not find in a line", async (t) => {
  const dir = await withRisk(t.testdir());
  const predict = ["model", "predict", "risk", "--dir", dir];
  const row = `{"a": 1, "b": 0, "c": 1}`;
  const input = [`{"msg": ${row}}`, row, `{"aa": 1}`, "{}", "null", "5"].join("\n");
  const { code, out, err } = await cli(predict, { input });
  const lines = out
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  t.equal(code, 1);
  t.equal(lines[0].output, lines[1].output, "an event without a topic is an event");
  const error = { code: "INPUT_INVALID", message: /msg\.a, msg\.b, msg\.c/ };
  t.match(lines.slice(2), [{ error }, { error }, { error }, { error }]);
  t.equal(err, "");
  const text = await cli(predict, { input: `{"a": "1", "b": 0, "c": 1}` });
  t.match(text.err, /^msg\.a: no number where one should be, 1 times/);
  t.match(JSON.parse(text.out), { missing: ["msg.a"] });
});

t.test("model: predict ends in order by Ctrl-C, and when its reader leaves", async (t) => {
  const dir = await withRisk(t.testdir());
  const line = ["model", "predict", "risk", "--dir", dir];
  const waiting = new Cli(line);
  waiting.child.stdin?.write("[1, 0, 1]\n");
  await waiting.until(/output/);
  t.match(await waiting.stop(), { code: 130, err: "" });
  const left = new Cli(line);
  left.child.stdin?.write("[1, 0, 1]\n");
  await left.until(/output/);
  left.child.stdout?.destroy();
  left.child.stdin?.write("[1, 0, 1]\n");
  t.match(await left.ended, { code: 0, err: "" });
});

t.test("model: compare tells how two models differ on events of the log", async (t) => {
  const dir = t.testdir();
  const log = join(dir, "log");
  const list = (names: readonly string[]) => names.map((name) => ({ path: `msg.${name}` }));
  {
    await using bus = await openBus({ dir: log });
    for (const names of ["abc", "acb"]) {
      const declaration = { features: list([...names]), classes: [false, true] };
      await importModel(bus, classifier(), { name: "risk", declaration });
    }
    await using publisher = bus.publisher();
    for (const [a, b, c] of [
      [1, 0, 1],
      [1, 1, 1],
      [0, 1, 0],
    ])
      await publisher.publish("in", { a, b, c });
    await publisher.publish("in", { a: 1 });
    await publisher.publish("other", {});
  }
  const line = ["model", "compare", "risk@1", "risk@2", "in", "--dir", log];
  // The second model sees b where the first sees c; the first has 0.5 for the third event.
  const { code, out } = await cli([...line, "--json"]);
  t.equal(code, 8);
  t.match(JSON.parse(out), {
    isSame: false,
    predictions: { events: 3, unscored: 1, differing: 2 / 3, decidedOtherwise: 0 },
  });
  t.match(await cli(line), {
    code: 8,
    out: /events compared +3\n.*\nanother output +66\.6667 %\n/,
  });
});
