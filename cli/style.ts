import type { Context } from "./context.js";
import { type EventFormat, eventFormat } from "./render/event.js";
import { notTogether, wrongOption } from "./units.js";

/** How commands show events. */
export const styleOptions = {
  fields: { type: "string", describe: "Only these dotted paths: topic,msg.user,offset" },
  pretty: { type: "boolean", default: false, describe: "Whole events, indented" },
  terse: { type: "boolean", default: false, describe: "One short line an event" },
} as const;

export interface StyleValues {
  readonly fields: string | undefined;
  readonly pretty: boolean;
  readonly terse: boolean;
}

/** The format that the options ask for. Throws OPTIONS_INVALID. */
export function formatFrom(values: StyleValues, context: Context): EventFormat {
  const { json, colours, out } = context;
  const asked = [json && "json", values.pretty && "pretty", values.terse && "terse"] as const;
  const [style = "line", second] = asked.filter((name) => name !== false);
  if (second !== undefined)
    throw notTogether(`--${second}`, `--${style}`, "give one of --json, --pretty and --terse");
  return eventFormat({
    style,
    colours,
    ...(values.fields === undefined ? {} : { fields: fieldsFrom(values.fields) }),
    ...(out.isTerminal ? { columns: out.columns } : {}),
  });
}

function fieldsFrom(text: string): string[] {
  const fields = text.split(",").map((field) => field.trim());
  if (fields.some((field) => field === ""))
    throw wrongOption("--fields", text, "dotted paths joined by commas");
  return fields;
}
