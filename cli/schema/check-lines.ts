import { type BoundSchema, type SchemaDefinition, SchemaRegistry } from "../../schemas/index.js";
import type { Context } from "../context.js";
import { openInput } from "../input/file.js";
import { type InputLine, readLines } from "../input/lines.js";
import { Tally } from "../input/tally.js";

/** What becomes of the bodies or whole events in a file, one a line, under a schema. */
export async function checkLines(
  events: string,
  definition: SchemaDefinition,
  context: Context,
): Promise<Tally> {
  const registry = new SchemaRegistry();
  registry.register(definition);
  const schema = registry.named(definition.name);
  const tally = new Tally();
  for await (const lines of readLines((await openInput(events, context)).stream))
    for (const line of lines) checkLine(line, schema, tally);
  return tally;
}

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
