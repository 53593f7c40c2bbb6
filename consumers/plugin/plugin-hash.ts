import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** A text in quotes that could be a module's name, or a path. */
const quoted = /(["'`])((?:\.{1,2}\/|@?[a-z0-9])[^"'`\n\\]{0,255})\1/gi;
const sources = /\.[cm]?[jt]sx?$/;
/** What a path may leave out, or say otherwise: `./a.js` may be `./a.ts`. */
const endings = ["", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json"];

/**
 * SHA-256 of a plugin's code, hex: of its file, of the files beside it that it names in any relative
 * path and those that they name in turn, and of the manifest, so the version, of each package that is
 * imported. What only a computed path leads to is not seen. Rejects if the file cannot be read.
 */
export async function hashOfPlugin(path: string): Promise<string> {
  const hash = createHash("sha256");
  const found = new Set([path]);
  // A set yields what is added while it is walked.
  for (const file of found) {
    const bytes = readFileSync(file);
    hash.update(`${bytes.length}\n`).update(bytes);
    if (sources.test(file))
      for (const named of namedIn(bytes.toString("utf8"), file)) found.add(named);
  }
  return hash.digest("hex");
}

/** The files that a module's source names. */
function namedIn(text: string, file: string): string[] {
  const names = new Set([...text.matchAll(quoted)].map(([, , name]) => name!));
  return [...names].flatMap((name) => {
    const found = name.startsWith(".")
      ? moduleAt(resolve(dirname(file), name))
      : manifest(name, file);
    return found === undefined ? [] : [found];
  });
}

function moduleAt(path: string): string | undefined {
  const stem = path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  return [
    ...endings.map((ending) => path + ending),
    stem,
    ...endings.map((ending) => join(path, `index${ending}`)),
  ].find(isFile);
}

/** The manifest of an installed package. */
function manifest(name: string, file: string): string | undefined {
  const folder = /^(?:@[^/]+\/)?[^/]+/.exec(name)![0];
  const places = createRequire(file).resolve.paths(folder) ?? [];
  return places.map((place) => join(place, folder, "package.json")).find(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
