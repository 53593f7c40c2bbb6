import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

/** Who called: a file and a line of it. */
export interface Caller {
  readonly file: string;
  readonly line: number;
}

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
  for (const site of callSites().slice(1)) {
    const name = site.getFileName() ?? site.getScriptNameOrSourceURL() ?? "";
    // Node's own code has called: a timer, a parser.
    if (name.startsWith("node:")) return undefined;
    const file = name.startsWith("file:") ? fileURLToPath(name) : name;
    const line = site.getLineNumber();
    if (line === null || !isAbsolute(file) || file.startsWith(own)) continue;
    const isPackage = file.includes("/node_modules/");
    if (ours.some((folder) => file.startsWith(folder)) || (isPackage && !isDirect))
      return undefined;
    return { file, line };
  }
  return undefined;
}

/** The stack as it runs: its text may have been mapped to sources, which lie elsewhere. */
function callSites(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    return new Error().stack as unknown as readonly NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}
