import { findModel } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { openInput } from "../../input/file.js";
import { readLines } from "../../input/lines.js";
import { LinePredictor } from "../../model/line-predictor.js";
import { modelArgument } from "../../model/model-argument.js";
import { escapeText, jsonLine } from "../../render/escape.js";
import { given, wrongOption } from "../../units.js";

export const predict = command({
  positionals: {
    ...modelArgument,
    file: {
      type: "string",
      describe: "Events, bodies, or arrays of the model's inputs (default: standard input)",
    },
  },
  options: {
    threshold: { type: "string", describe: "From which probability on it is a yes (default: 0.5)" },
  },
  examples: [
    [`echo '{"amount": 12.5}' | $0 model predict fraud`, "one body"],
    ["$0 query 'shop.order' --since 1h --json | $0 model predict fraud@3", "an hour of the log"],
  ],
  async run(values, context) {
    const threshold = given(values.threshold, parseThreshold);
    const { where, out, err, signal, version } = context;
    const model = await withBus(where, async ({ bus }) => {
      const { sha256 } = (await findModel(bus, values.model, { signal })).version;
      return { sha256, bytes: await bus.blobs.get(sha256) };
    });
    await using predictor = new LinePredictor(model, { threshold, version });
    const { stream } = await openInput(values.file, context);
    let failed = 0;
    for await (const lines of readLines(stream)) {
      const predictions = await predictor.predict(lines);
      failed += predictions.filter((prediction) => "error" in prediction).length;
      await out.write(predictions.map(jsonLine).join(""));
    }
    for (const [path, count] of predictor.texts)
      await err.line(
        escapeText(`${path}: no number where one should be, ${count} times; it counted as missing`),
      );
    return failed > 0 ? exit.problems : exit.ok;
  },
});

function parseThreshold(text: string): number {
  const threshold = Number(text);
  if (text.trim() !== "" && threshold >= 0 && threshold <= 1) return threshold;
  throw wrongOption("--threshold", text, "a probability from 0 to 1");
}
