import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { registryFrom } from "../../registry.js";
import { escapeLines, escapeText } from "../../render/escape.js";

export const show = command({
  positionals: { schema: { type: "string", demandOption: true, describe: "NAME or NAME@VERSION" } },
  options: {},
  examples: [["$0 schema show demo.host.cpu@1", "one of the demo's"]],
  async run({ schema }, { where, json, out, colours }) {
    const registry = registryFrom(await withBus(where, ({ bus }) => bus.schemas()));
    const { name, version } = registry.named(schema);
    const listing = registry.get(name, version);
    if (listing === undefined || json) {
      await out.json(listing);
      return exit.ok;
    }
    const { draft, digest, topics } = listing;
    const title = escapeText(`${name}@${version}`);
    await out.line(`${colours.bold(title)}  draft ${draft}  sha256 ${digest}`);
    await out.line(`for ${escapeText(topics.join(", ") || "no topics")}`);
    await out.line(escapeLines(JSON.stringify(listing.schema, undefined, 2)));
    return exit.ok;
  },
});
