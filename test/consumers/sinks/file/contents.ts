import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The texts of the numbered files in `dir`, by name, in order. */
export async function contents(dir: string): Promise<Record<string, string>> {
  const names = (await readdir(dir)).filter((name) => /-\d+\.\w+$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
}

/** The offsets in NDJSON files, in order. */
export async function offsetsIn(dir: string): Promise<number[]> {
  const lines = Object.values(await contents(dir))
    .join("")
    .split("\n");
  t(lines.pop() === "");
  return lines.map((line) => (JSON.parse(line) as { offset: number }).offset);
}

function t(whole: boolean): void {
  if (!whole) throw new Error("the last line has no end");
}

/** Whole numbers `from` to below `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
