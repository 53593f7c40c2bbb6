import { packageText } from "./own-package.js";

/** The folder that this file was compiled into; `exports` names the published one, `dist`. */
const built = new URL("../../", import.meta.url);

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly import?: string }>>;
}

/**
 * The modules of this package by the names that others import them by, such as `fedbus/consumers`.
 * A plugin gets these, wherever it lies and whatever is installed there: so that there is one
 * `FedbusError`, and one place that knows what a consumer is.
 */
export async function ownModules(): Promise<Record<string, unknown>> {
  const { name, exports } = JSON.parse(packageText()) as Manifest;
  const loaded = Object.entries(exports).map(async ([path, target]) => {
    const file = typeof target === "string" ? undefined : target.import;
    if (file === undefined) return [];
    const url = new URL(file.replace(/^\.\/dist\//, ""), built);
    return [[path.replace(/^\./, name), (await import(url.href)) as unknown] as const];
  });
  return Object.fromEntries((await Promise.all(loaded)).flat());
}
