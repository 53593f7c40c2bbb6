import { readFile } from "node:fs/promises";
import { FedbusError } from "../../schemas/errors.js";
import { wrongOption } from "../units.js";

type Settings = Record<string, unknown>;
type Schema = Readonly<Record<string, unknown>>;

const forbidden: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The object in a file of JSON. Rejects with INPUT_INVALID. */
export async function readSettings(path: string): Promise<Settings> {
  const text = await readFile(path, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FedbusError("INPUT_INVALID", `${path} is no JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new FedbusError("INPUT_INVALID", `${path} holds no JSON object`);
}

/**
 * `settings` with what `--set name=value` says on top. Names are dotted; a value is JSON, or text
 * where it is none or where the schema wants text. Throws OPTIONS_INVALID.
 */
export function withAssignments(
  settings: Settings,
  assignments: readonly string[],
  schema: Schema,
): Settings {
  const result = structuredClone(settings);
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const steps = assignment.slice(0, Math.max(0, at)).split(".");
    if (steps.some((step) => step === "" || forbidden.has(step)))
      throw wrongOption("--set", assignment, "NAME=VALUE, such as limit=10 or window.sizeMs=60000");
    assign(result, steps, valueFrom(assignment.slice(at + 1), schemaAt(schema, steps)));
  }
  return result;
}

function assign(settings: Settings, steps: readonly string[], value: unknown): void {
  const [step = "", ...rest] = steps;
  if (rest.length === 0) {
    settings[step] = value;
    return;
  }
  if (!isObject(settings[step])) settings[step] = {};
  assign(settings[step] as Settings, rest, value);
}

function valueFrom(text: string, schema: Schema | undefined): unknown {
  if (schema?.type === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function schemaAt(schema: Schema, steps: readonly string[]): Schema | undefined {
  let at: unknown = schema;
  for (const step of steps) {
    const properties: unknown = isObject(at) ? at.properties : undefined;
    at = isObject(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  }
  return isObject(at) ? at : undefined;
}

function isObject(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
