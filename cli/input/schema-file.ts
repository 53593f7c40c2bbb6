import { readFile } from "node:fs/promises";
import { FedbusError, type SchemaDefinition } from "../../schemas/index.js";
import { sizeOf } from "./file.js";

/** The JSON Schema in a file. Rejects with INPUT_INVALID. */
export async function readSchema(path: string): Promise<SchemaDefinition["schema"]> {
  await sizeOf(path);
  const parsed = parse(await readFile(path, "utf8"), path);
  if (typeof parsed === "boolean") return parsed;
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
    return parsed as Readonly<Record<string, unknown>>;
  throw unusable(path, "a JSON Schema is an object, true or false");
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(path, `it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function unusable(path: string, why: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `${path}: ${why}`, { details: { path } });
}
