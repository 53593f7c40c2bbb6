import { readFile } from "node:fs/promises";
import { FedbusError } from "../../schemas/errors.js";
import { sizeOf } from "./file.js";

/** The JSON value in a file. Rejects with INPUT_INVALID. */
export async function readJsonFile(path: string): Promise<unknown> {
  await sizeOf(path);
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusableFile(path, `it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** INPUT_INVALID: what is in the file cannot be used. */
export function unusableFile(path: string, why: string): FedbusError {
  return new FedbusError("INPUT_INVALID", `${path}: ${why}`, { details: { path } });
}
