import { isFedbusError, SchemaRegistry, vetSchema } from "../../../schemas/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import type { Context } from "../../context.js";
import { type ExitCode, exit } from "../../exit.js";
import { renderTally } from "../../render/tally.js";
import { checkLines } from "../../schema/check-lines.js";
import { checkStored } from "../../schema/check-stored.js";
import { type Candidate, readCandidate, versionOptions } from "../../schema/next-version.js";
import { renderStoredCheck } from "../../schema/render-check.js";

export const check = command({
  positionals: {
    file: { type: "string", demandOption: true, describe: "A JSON Schema" },
    events: {
      type: "string",
      describe: "NDJSON, one body or whole event a line, instead of the log; - is standard input",
    },
  },
  options: {
    ...versionOptions,
    "with-upcaster": {
      type: "string",
      describe: "Bring stored events to it first, by these steps (.json) or this module",
    },
  },
  examples: [
    ["$0 schema check order.json", "what stored events would the new version refuse?"],
    ["$0 schema check order.json samples.ndjson", "would these be accepted?"],
  ],
  async run({ file, events, "with-upcaster": upcaster, ...values }, context) {
    const candidate = await readCandidate(file, values, upcaster);
    const definition = { name: "checked", version: 1, topics: [], schema: candidate.schema };
    await vetSchema(definition);
    const { draft } = new SchemaRegistry().register(definition);
    const { json, out, colours } = context;
    if (!json) await out.line(`${colours.green("usable")}, draft ${draft}`);
    if (events === undefined) return await againstStored(candidate, draft, context);
    const tally = await checkLines(events, definition, context);
    if (json) await out.json({ draft, ...tally.toJSON() });
    else await out.write(renderTally(tally, { colours }));
    return tally.refused > 0 ? exit.problems : exit.ok;
  },
});

/** Where no log was named and none is there, that the schema can be used is all that can be said. */
async function againstStored(
  candidate: Candidate,
  draft: string,
  context: Context,
): Promise<ExitCode> {
  const { where, json, out, colours } = context;
  const isNamed = where.dirGiven || where.hub !== undefined;
  try {
    const checked = await withBus(where, ({ bus }) => checkStored(bus, candidate, context));
    if (json) await out.json({ draft, ...checked });
    else await out.write(renderStoredCheck(checked, colours));
    return checked.ok && checked.archive.damaged.length === 0 ? exit.ok : exit.problems;
  } catch (error) {
    if (isNamed || !isFedbusError(error, "LOG_NOT_FOUND")) throw error;
    if (json) await out.json({ draft });
    else await out.line("there is no log here to check it against");
    return exit.ok;
  }
}
