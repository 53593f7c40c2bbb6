import type { SchemaDefinition } from "../../schemas/index.js";
import { readJsonFile, unusableFile } from "./json-file.js";

/** The JSON Schema in a file. Rejects with INPUT_INVALID. */
export async function readSchema(path: string): Promise<SchemaDefinition["schema"]> {
  const parsed = await readJsonFile(path);
  if (typeof parsed === "boolean") return parsed;
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
    return parsed as Readonly<Record<string, unknown>>;
  throw unusableFile(path, "a JSON Schema is an object, true or false");
}
