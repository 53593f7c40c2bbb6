import { readFile } from "node:fs/promises";
import { FedbusError } from "../../schemas/index.js";

/**
 * The JSON object in a file; undefined if there is no such file. Rejects with STATE_CORRUPT for what is
 * no such object. A file that cannot be read just now is not one that is missing: whoever took it for
 * that would begin anew, and give up what there is.
 */
export async function storedObject(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw damaged(path);
}

export function damaged(path: string): FedbusError {
  return new FedbusError("STATE_CORRUPT", `${path} is damaged`, { details: { path } });
}
