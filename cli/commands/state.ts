import { queryEntriesMax, type TableEntry } from "../../consumers/index.js";
import { FedbusError } from "../../schemas/errors.js";
import { command } from "../command.js";
import { withConsumer } from "../consumers/place.js";
import { exit } from "../exit.js";
import { showTime } from "../render/amounts.js";
import { escapeText, jsonLine } from "../render/escape.js";
import { table } from "../render/table.js";
import { queryStateAt } from "../replay/state-at.js";
import { parseCount, wrongOption } from "../units.js";

export const state = command({
  positionals: {
    consumer: { type: "string", demandOption: true, describe: "Its name" },
    key: { type: "string", describe: "One entry's key (default: all of them)" },
  },
  options: {
    table: { type: "string", default: "state", describe: "Which of its tables" },
    prefix: { type: "string", describe: "Keys that start with this" },
    limit: { type: "string", default: "1000", describe: `Entries, up to ${queryEntriesMax}` },
    at: {
      type: "string",
      describe:
        "What the code that runs now knows before this offset, or time: 2026-11-21T14:00Z, 15m (rebuilt by a replay, without rewinds)",
    },
    plugin: { type: "string", describe: "With --at, the plugin's file (default: what last ran)" },
  },
  examples: [
    ["$0 state speeding driver-17", "one entry"],
    ["$0 state speeding --prefix driver- --limit 20 --json", "twenty, for a program"],
    ["$0 state speeding driver-17 --at 1h", "the entry as it was an hour ago"],
  ],
  async run(values, context) {
    const { consumer, key, table: name, prefix } = values;
    const limit = parseCount("--limit", values.limit, 1);
    if (limit > queryEntriesMax)
      throw wrongOption(
        "--limit",
        values.limit,
        `${queryEntriesMax} at most: narrow it by --prefix`,
      );
    const query = {
      table: name,
      ...(key === undefined ? {} : { key }),
      ...(prefix === undefined ? {} : { prefix }),
      limit,
    };
    const { at, plugin } = values;
    const entries =
      at === undefined
        ? await withConsumer(consumer, context, (control) => control.query(query))
        : await queryStateAt(consumer, at, { query, plugin }, context);
    if (key !== undefined && entries.length === 0)
      throw new FedbusError("STATE_NOT_FOUND", `${consumer} has no ${JSON.stringify(key)} there`, {
        details: { consumer, table: name, key },
      });
    const { json, out, err } = context;
    if (entries.length === 0 && !json) await err.line(nothingIn(values));
    await out.write(json ? entries.map(jsonLine).join("") : render(entries));
    return exit.ok;
  },
});

/** Why nothing is printed: a misspelt table is empty, too. */
function nothingIn(values: {
  readonly consumer: string;
  readonly table: string;
  readonly prefix: string | undefined;
  readonly at: string | undefined;
}): string {
  const { consumer, table: name, prefix, at } = values;
  const where = `${consumer} ${at === undefined ? "has" : "had"} no table ${JSON.stringify(name)}`;
  const within = prefix === undefined ? "" : ` that begins with ${JSON.stringify(prefix)}`;
  return escapeText(`${where}${at === undefined ? "" : " then"}, or nothing in it${within}`);
}

function render(entries: readonly TableEntry[]): string {
  return table(
    entries.map(({ key, value, expires }) => [
      key,
      JSON.stringify(value),
      ...(expires === undefined ? [] : [`until ${showTime(expires)}`]),
    ]),
  );
}
