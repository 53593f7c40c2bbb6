import { readFile } from "node:fs/promises";
import { importModel, promoteModel } from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { sizeOf } from "../../input/file.js";
import { readDeclaration } from "../../model/declaration-file.js";
import { showBytes } from "../../render/amounts.js";
import { escapeText } from "../../render/escape.js";

export const importCommand = command({
  positionals: { file: { type: "string", demandOption: true, describe: "The ONNX file" } },
  options: {
    name: { type: "string", demandOption: true, describe: "What the model is called here" },
    features: {
      type: "string",
      demandOption: true,
      describe: "A file that says what goes in and comes out, JSON: see docs/models.md",
    },
    output: { type: "string", describe: "The output that predicts (default: what the file says)" },
    promote: { type: "boolean", default: false, describe: "Let it answer at once" },
    create: { type: "boolean", default: false, describe: "Make a log if there is none" },
  },
  examples: [
    ["$0 model import fraud.onnx --name fraud --features fraud.json", "then: model promote fraud"],
  ],
  async run({ file, name, features, output, promote, create }, { where, json, out }) {
    const given = await readDeclaration(features);
    const declaration = { ...given, ...(output !== undefined && { output }) };
    await sizeOf(file);
    const bytes = await readFile(file);
    const { imported, promotion } = await withBus(
      where,
      async ({ bus }) => {
        const imported = await importModel(bus, bytes, { name, declaration });
        const reference = `${name}@${imported.sha256}`;
        return { imported, promotion: promote ? await promoteModel(bus, reference) : undefined };
      },
      { create },
    );
    if (json) await out.json({ ...imported, promoted: promotion !== undefined });
    else {
      const { version, sha256, bytes: size, trial, isKnown } = imported;
      const state = isKnown ? "was in the log already, the same file" : "is in the log";
      const known = `${name}@${version} ${state} (${showBytes(size)}, sha256 ${sha256})`;
      await out.line(escapeText(known));
      const { width, outputs, rowMs, batchRowMs } = trial;
      const times = `${rowMs.toFixed(3)} ms a row alone, ${batchRowMs.toFixed(4)} ms among many`;
      await out.line(`it takes ${width} columns and gives ${outputs}: ${times}`);
      const next = `it answers once it is promoted: fedbus model promote ${name}@${version}`;
      if (promote || !isKnown) await out.line(promote ? "it answers from now on" : next);
    }
    return exit.ok;
  },
});
