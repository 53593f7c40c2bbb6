import { configOptions, type Description } from "../../consumers/index.js";
import { escapeText } from "../render/escape.js";
import { table } from "../render/table.js";

/** A plugin's settings as a table, for `--help-config`. */
export function configHelp({ name, version, schema }: Description): string {
  const options = configOptions(schema);
  const title = `${escapeText(name)} ${escapeText(version)}`;
  if (options.length === 0) return `${title} has no settings.\n`;
  const rows = options.map((option) => [
    option.name,
    option.type,
    "default" in option ? JSON.stringify(option.default) : option.required ? "required" : "-",
    option.description,
  ]);
  return `${title}\n\n${table([["SETTING", "TYPE", "DEFAULT", "WHAT"], ...rows])}`;
}
