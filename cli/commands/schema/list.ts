import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";

export const list = command({
  positionals: {},
  options: {},
  examples: [],
  async run(_values, { where, json, out }) {
    const listings = await withBus(where, ({ bus }) => bus.schemas());
    const rows = listings.map(({ name, version, draft, digest, topics }) => [
      `${name}@${version}`,
      draft,
      digest.slice(0, 12),
      topics.join(", "),
    ]);
    if (json) await out.write(listings.map(jsonLine).join(""));
    else await out.write(table([["SCHEMA", "DRAFT", "DIGEST", "TOPICS"], ...rows]));
    return exit.ok;
  },
});
