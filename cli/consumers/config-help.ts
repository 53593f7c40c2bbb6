import { type ConfigOption, configOptions, type Description } from "../../consumers/index.js";
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

/** Settings and what they are, as far as `config` or a default says. */
export function settingsTable(schema: Description["schema"], config: unknown): string {
  const options = configOptions(schema);
  if (options.length === 0) return "";
  const rows = options.map((option) => [option.name, option.type, ...shownValue(option, config)]);
  return table([["SETTING", "TYPE", "VALUE", "FROM"], ...rows]);
}

function shownValue(option: ConfigOption, config: unknown): [value: string, from: string] {
  let given = config;
  for (const step of option.name.split("."))
    given =
      typeof given === "object" && given !== null && Object.hasOwn(given, step)
        ? (given as Readonly<Record<string, unknown>>)[step]
        : undefined;
  if (given !== undefined) return [JSON.stringify(given), "given"];
  return "default" in option ? [JSON.stringify(option.default), "default"] : ["-", "-"];
}
