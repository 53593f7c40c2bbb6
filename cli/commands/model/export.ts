import { open } from "node:fs/promises";
import { findModel } from "../../../consumers/index.js";
import { FedbusError } from "../../../schemas/errors.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { modelArgument } from "../../model/model-argument.js";
import { showBytes } from "../../render/amounts.js";
import { escapeText } from "../../render/escape.js";

export const exportModel = command({
  positionals: {
    ...modelArgument,
    file: {
      type: "string",
      describe: "A new file; - is standard output (default: NAME-VERSION.onnx)",
    },
  },
  options: {},
  examples: [["$0 model export fraud@3 fraud.onnx", "for any program that runs ONNX"]],
  async run(values, { where, json, out, signal }) {
    const { version, bytes } = await withBus(where, async ({ bus }) => {
      const { version } = await findModel(bus, values.model, { signal });
      return { version, bytes: await bus.blobs.get(version.sha256) };
    });
    const { name, sha256 } = version;
    const file = values.file ?? `${name}-${version.version}.onnx`;
    if (file === "-") {
      await out.write(bytes);
      return exit.ok;
    }
    await writeNew(file, bytes);
    const result = { name, version: version.version, sha256, bytes: bytes.length, file };
    const text = `${name}@${version.version} is in ${file} (${showBytes(bytes.length)}, sha256 ${sha256})`;
    await (json ? out.json(result) : out.line(escapeText(text)));
    return exit.ok;
  },
});

/** Writes a file that must not be there yet. Rejects with INPUT_INVALID. */
async function writeNew(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EEXIST") throw cause;
    const details = { path, remedy: "name a new file" };
    throw new FedbusError("INPUT_INVALID", `${path} exists already`, { details, cause });
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
