import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the real data sets lie, if they are here at all: they are not part of this package. */
const folder =
  process.env.FEDBUS_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));

/** The path of a file or folder of the real data sets; undefined where there is none. */
export function realData(...names) {
  const path = join(folder, ...names);
  return existsSync(path) ? path : undefined;
}
