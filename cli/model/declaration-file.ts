import type { ImportDeclaration } from "../../consumers/index.js";
import { readJsonFile, unusableFile } from "../input/json-file.js";

/** A declaration, or just a list of features, from a file. Rejects with INPUT_INVALID. */
export async function readDeclaration(path: string): Promise<ImportDeclaration> {
  const value = await readJsonFile(path);
  if (Array.isArray(value)) return { features: value };
  if (typeof value === "object" && value !== null) return value as ImportDeclaration;
  throw unusableFile(path, "a declaration is an object with `features`, or a list of features");
}
