import { type BoundSchema, SchemaRegistry, vetSchema } from "../../../schemas/index.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { openInput } from "../../input/file.js";
import { type InputLine, readLines } from "../../input/lines.js";
import { readSchema } from "../../input/schema-file.js";
import { Tally } from "../../input/tally.js";
import { renderTally } from "../../render/tally.js";

export const check = command({
  positionals: {
    file: { type: "string", demandOption: true, describe: "A JSON Schema" },
    events: {
      type: "string",
      describe: "NDJSON: one body or whole event a line; - is standard input",
    },
  },
  options: {},
  examples: [["$0 schema check order.json samples.ndjson", "would these be accepted?"]],
  async run({ file, events }, context) {
    const { json, out, colours } = context;
    const definition = { name: "checked", version: 1, topics: [], schema: await readSchema(file) };
    await vetSchema(definition);
    const registry = new SchemaRegistry();
    const { draft } = registry.register(definition);
    const tally = new Tally();
    if (events !== undefined)
      for await (const lines of readLines((await openInput(events, context)).stream))
        for (const line of lines) checkLine(line, registry.named("checked"), tally);
    if (json) await out.json({ draft, ...tally.toJSON() });
    else {
      await out.line(`${colours.green("usable")}, draft ${draft}`);
      if (events !== undefined) await out.write(renderTally(tally, { colours }));
    }
    return tally.refused > 0 ? exit.problems : exit.ok;
  },
});

function checkLine({ number, bytes }: InputLine, schema: BoundSchema, tally: Tally): void {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return void tally.refuse({ code: "JSON_INVALID", message }, number);
  }
  const problem = schema.validate(bodyOf(value));
  if (problem === undefined) tally.accepted++;
  else {
    const message = `${problem.pointer || "/"} ${problem.expected}`;
    tally.refuse({ code: "SCHEMA_VIOLATION", message }, number);
  }
}

/** A whole event has a topic and a body; anything else is a body. */
function bodyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return "topic" in value && "msg" in value ? value.msg : value;
}
