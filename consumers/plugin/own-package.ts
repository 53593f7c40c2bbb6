import { readFileSync } from "node:fs";

/** The folder of the package that holds this file: where its package.json is. */
const root = new URL("../../../", import.meta.url);

/** The package's package.json, as it is. */
export function packageText(): string {
  return readFileSync(new URL("package.json", root), "utf8");
}

/** This package's version. */
export function packageVersion(): string {
  return (JSON.parse(packageText()) as { readonly version: string }).version;
}
