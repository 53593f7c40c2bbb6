import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "./errors.js";
import { checkDefinition, type SchemaDefinition } from "./schema-definition.js";

const suffix = ".schema.json";

/**
 * The schemas in `dir`'s files named `*.schema.json`, in the order of their names and versions. A
 * member `x-fedbus: {name, version, topics}` says what a schema is; what it leaves out comes from the
 * file's name: `order.created.v2.schema.json` is version 2 of `order.created`, for the topic of
 * that name. Rejects with INPUT_INVALID, naming the file.
 */
export async function readSchemaFolder(dir: string): Promise<SchemaDefinition[]> {
  const files = (await namesIn(dir)).filter((name) => name.endsWith(suffix));
  const definitions: SchemaDefinition[] = [];
  for (const file of files) definitions.push(await readSchemaFile(join(dir, file), file));
  return definitions.sort(byNameAndVersion);
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (cause) {
    throw unusable(dir, "the folder cannot be read", cause);
  }
}

async function readSchemaFile(path: string, file: string): Promise<SchemaDefinition> {
  try {
    return definitionIn(JSON.parse(await readFile(path, "utf8")), file);
  } catch (cause) {
    throw unusable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function definitionIn(parsed: unknown, file: string): SchemaDefinition {
  const fallback = fromFileName(file);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return checkDefinition({ ...fallback, schema: parsed });
  const { "x-fedbus": given = {}, ...schema } = parsed as Record<string, unknown>;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new TypeError("x-fedbus must be an object");
  const definition = { ...fallback, ...given };
  const topics = "topics" in given ? definition.topics : [definition.name];
  return checkDefinition({ ...definition, topics, schema });
}

function fromFileName(file: string): Omit<SchemaDefinition, "schema"> {
  const stem = file.slice(0, -suffix.length);
  const match = /^(.+)\.v([1-9]\d{0,5})$/.exec(stem);
  const name = match?.[1] ?? stem;
  return { name, version: Number(match?.[2] ?? 1), topics: [name] };
}

function byNameAndVersion(a: SchemaDefinition, b: SchemaDefinition): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version;
}

function unusable(path: string, why: string, cause: unknown): FedbusError {
  const inner = isFedbusError(cause) ? { code: cause.code, ...cause.details } : {};
  return new FedbusError("INPUT_INVALID", `${path}: ${why}`, {
    details: { path, ...inner },
    cause,
  });
}
