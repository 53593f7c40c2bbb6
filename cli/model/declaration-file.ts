import { readFile } from "node:fs/promises";
import type { ImportDeclaration } from "../../consumers/index.js";
import { FedbusError } from "../../schemas/index.js";
import { sizeOf } from "../input/file.js";

/** A declaration, or just a list of features, from a file. Rejects with INPUT_INVALID. */
export async function readDeclaration(path: string): Promise<ImportDeclaration> {
  await sizeOf(path);
  const value = parse(await readFile(path, "utf8"), path);
  if (Array.isArray(value)) return { features: value };
  if (typeof value === "object" && value !== null) return value as ImportDeclaration;
  throw unusable(path, "a declaration is an object with `features`, or a list of features");
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
