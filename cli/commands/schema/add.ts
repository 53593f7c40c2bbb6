import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { escapeText } from "../../render/escape.js";
import { nextVersion, readCandidate, versionOptions } from "../../schema/next-version.js";

export const add = command({
  positionals: {
    file: {
      type: "string",
      demandOption: true,
      describe: "A JSON Schema: 2020-12, 2019-09, 07, 04",
    },
  },
  options: {
    ...versionOptions,
    upcaster: {
      type: "string",
      describe: "How events of the version before become such of this: steps (.json), or a module",
    },
    create: { type: "boolean", default: false, describe: "Make a log if there is none" },
  },
  examples: [
    ["$0 schema add order.json --name order.created --topic '*.*.shop.order.created'", "bind it"],
    ["$0 schema add order.json --upcaster order-2.json", "what was stored stays readable"],
  ],
  async run({ file, upcaster, create, ...values }, { where, json, out }) {
    const candidate = await readCandidate(file, values, upcaster);
    const { definition, offset } = await withBus(
      where,
      async ({ bus }) => {
        const { definition } = await nextVersion(bus, candidate);
        return { definition, offset: await bus.registerSchema(definition) };
      },
      { create },
    );
    const { name, version, topics } = definition;
    const known = offset < 0 ? "was registered already" : `is registered at offset ${offset}`;
    const text = escapeText(`${name}@${version} ${known}, for ${topics.join(", ")}`);
    await (json ? out.json({ name, version, topics, offset }) : out.line(text));
    return exit.ok;
  },
});
