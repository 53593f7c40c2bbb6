import { readFile } from "node:fs/promises";

/** The texts in a file of one JSON text a line: as they are, since signatures cover them. */
export async function signedLines(path: string): Promise<string[]> {
  return (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
}
