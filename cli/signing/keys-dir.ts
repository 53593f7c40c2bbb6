import { join, resolve } from "node:path";
import { KeyFiles } from "../../bus/signing/key-files.js";
import type { Context } from "../context.js";

export const keysOption = {
  keys: { type: "string", describe: "Directory of keys (default: keys in --dir)" },
} as const;

/** The directory of keys that `--keys` names, or the one beside the log. */
export function keyFiles(keys: string | undefined, { where, cwd }: Context): KeyFiles {
  return new KeyFiles(keys === undefined ? join(where.dir, "keys") : resolve(cwd, keys));
}
