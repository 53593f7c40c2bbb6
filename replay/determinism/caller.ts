import { fileURLToPath } from "node:url";

/** Who called: a file and a line of it. */
export interface Caller {
  readonly file: string;
  readonly line: number;
}

const frame = /(?:^|[\s(])((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n()]*?):(\d+):\d+\)?\s*$/;
const own = fileURLToPath(new URL("./", import.meta.url));
/** This package's folders, as compiled and as sources; what lies in none of them is a plugin's. */
const ours: readonly string[] = ["../../", "../../../"]
  .flatMap((root) => ["schemas", "bus", "consumers", "replay", "web", "cli"].map((f) => root + f))
  .map((folder) => fileURLToPath(new URL(`${folder}/`, import.meta.url)));

/**
 * The code that called the function that asks, if it is a plugin's or that of something it uses.
 * With `direct` false, other code runs meanwhile: then what packages call does not count.
 */
export function pluginCaller(isDirect: boolean): Caller | undefined {
  for (const text of (new Error().stack ?? "").split("\n").slice(1)) {
    const [, path, line] = frame.exec(text) ?? [];
    if (path === undefined) {
      // Node's own code has called: a timer, a parser.
      if (text.includes("node:")) return undefined;
      continue;
    }
    const file = path.startsWith("file://") ? fileURLToPath(path) : path;
    if (file.startsWith(own)) continue;
    const isPackage = file.includes("/node_modules/");
    if (ours.some((folder) => file.startsWith(folder)) || (isPackage && !isDirect))
      return undefined;
    return { file, line: Number(line) };
  }
  return undefined;
}
