import { Descriptions } from "../schemas/describe.js";
import type { Context } from "./context.js";
import { type EventFormat, eventFormat } from "./render/event.js";
import { missing, notTogether, wrongOption } from "./units.js";

/** How commands show events. */
export const styleOptions = {
  fields: { type: "string", describe: "Only these dotted paths: topic,msg.user,offset" },
  pretty: { type: "boolean", default: false, describe: "Whole events, indented" },
  terse: { type: "boolean", default: false, describe: "One short line an event" },
} as const;

/** Of the commands that can describe events. */
export const describeOption = {
  describe: {
    type: "string",
    describe: "With --terse: a module that says events in sentences (docs/describing.md)",
  },
} as const;

export interface StyleValues {
  readonly fields: string | undefined;
  readonly pretty: boolean;
  readonly terse: boolean;
}

/** The format that the options ask for. Throws OPTIONS_INVALID. */
export function formatFrom(
  values: StyleValues,
  context: Context,
  descriptions?: Descriptions,
): EventFormat {
  const { json, colours, out } = context;
  const asked = [json && "json", values.pretty && "pretty", values.terse && "terse"] as const;
  const [style = "line", second] = asked.filter((name) => name !== false);
  if (second !== undefined)
    throw notTogether(`--${second}`, `--${style}`, "give one of --json, --pretty and --terse");
  return eventFormat({
    style,
    colours,
    ...(descriptions === undefined ? {} : { descriptions }),
    ...(values.fields === undefined ? {} : { fields: fieldsFrom(values.fields) }),
    ...(out.isTerminal ? { columns: out.columns } : {}),
  });
}

/** The module that `--describe` names, loaded. Rejects with PLUGIN_NOT_FOUND or PLUGIN_INVALID. */
export async function descriptionsFrom(
  values: { readonly describe: string | undefined; readonly terse: boolean },
  { cwd }: Context,
): Promise<Descriptions | undefined> {
  if (values.describe === undefined) return undefined;
  if (!values.terse) throw missing("--terse", "--describe says what the terse lines do");
  const { loadDescribers } = await import("../consumers/plugin/load-describers.js");
  return new Descriptions(await loadDescribers(values.describe, { from: cwd }));
}

/** A sentence on events that could not be described; undefined if all could. */
export function noteOnDescriptions(descriptions: Descriptions | undefined): string | undefined {
  const { count = 0, first } = descriptions?.failures ?? {};
  return count === 0 ? undefined : `Not described, of ${count} events the first: ${first?.message}`;
}

function fieldsFrom(text: string): string[] {
  const fields = text.split(",").map((field) => field.trim());
  if (fields.some((field) => field === ""))
    throw wrongOption("--fields", text, "dotted paths joined by commas");
  return fields;
}
