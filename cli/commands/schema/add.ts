import { basename } from "node:path";
import type { SchemaDefinition } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { readSchema } from "../../input/schema-file.js";
import { escapeText } from "../../render/escape.js";
import { given, parseCount } from "../../units.js";

export const add = command({
  positionals: {
    file: {
      type: "string",
      demandOption: true,
      describe: "A JSON Schema: 2020-12, 2019-09, 07, 04",
    },
  },
  options: {
    name: { type: "string", describe: "Default: the file's name" },
    version: { type: "string", describe: "1, 2, 3 ... (default: the next one)" },
    topic: {
      type: "string",
      array: true,
      default: [] as string[],
      describe:
        "Pattern of the topics it is for (may be repeated; default: those of the version before, else the name)",
    },
    create: { type: "boolean", default: false, describe: "Make a log if there is none" },
  },
  examples: [
    ["$0 schema add order.json --name order.created --topic '*.*.shop.order.created'", "bind it"],
  ],
  async run({ file, topic, create, ...values }, { where, json, out }) {
    const schema = await readSchema(file);
    const name = values.name ?? basename(file).replace(/(?:\.schema)?\.json$/, "");
    const asked = given(values.version, (text) => parseCount("--version", text, 1));
    const { definition, offset } = await withBus(
      where,
      async ({ bus }) => {
        const latest = latestOf(name, await bus.schemas());
        const version = asked ?? (latest?.version ?? 0) + 1;
        const topics = topic.length > 0 ? topic : (latest?.topics ?? [name]);
        const definition = { name, version, topics, schema };
        return { definition, offset: await bus.registerSchema(definition) };
      },
      { create },
    );
    const { version, topics } = definition;
    const known = offset < 0 ? "was registered already" : `is registered at offset ${offset}`;
    const text = escapeText(`${name}@${version} ${known}, for ${topics.join(", ")}`);
    await (json ? out.json({ name, version, topics, offset }) : out.line(text));
    return exit.ok;
  },
});

function latestOf(name: string, known: readonly SchemaDefinition[]): SchemaDefinition | undefined {
  const [latest] = known
    .filter((schema) => schema.name === name)
    .sort((a, b) => b.version - a.version);
  return latest;
}
