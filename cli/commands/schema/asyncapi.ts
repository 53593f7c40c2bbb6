import { asyncApiDocument } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { escapeLines } from "../../render/escape.js";

export const asyncapi = command({
  positionals: {},
  options: { title: { type: "string", describe: "Of the document (default: fedbus)" } },
  examples: [["$0 schema asyncapi > asyncapi.json", "for generators and viewers"]],
  async run({ title }, { where, json, out }) {
    const listings = await withBus(where, ({ bus }) => bus.schemas());
    const document = asyncApiDocument(listings, title === undefined ? {} : { title });
    const text = JSON.stringify(document, undefined, 2);
    await (json ? out.json(document) : out.line(escapeLines(text)));
    return exit.ok;
  },
});
