import { SchemaHistory } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";
import { checkNotPastHead } from "../../selection.js";
import { parseCount } from "../../units.js";

export const at = command({
  positionals: {
    offset: { type: "string", demandOption: true, describe: "An event's offset" },
  },
  options: {},
  examples: [["$0 schema at 1200", "what events there were checked by"]],
  async run({ offset: text }, { where, json, out }) {
    const offset = parseCount("OFFSET", text);
    const listings = await withBus(where, async ({ bus }) => {
      checkNotPastHead("OFFSET", offset, await bus.source.info());
      return await bus.schemas();
    });
    const held = new SchemaHistory(listings).all(offset).flatMap(({ name, version }) => {
      const found = listings.find((one) => one.name === name && one.version === version);
      return found === undefined ? [] : [found];
    });
    const rows = held.map(({ name, version, since, topics }) => [
      `${name}@${version}`,
      String(since ?? ""),
      topics.join(", "),
    ]);
    if (json)
      await out.write(
        held
          .map(({ name, version, since, topics }) => jsonLine({ name, version, since, topics }))
          .join(""),
      );
    else await out.write(table([["SCHEMA", "SINCE", "TOPICS"], ...rows], [1]));
    return exit.ok;
  },
});
