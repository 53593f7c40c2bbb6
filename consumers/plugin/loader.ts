import { statSync } from "node:fs";
import { isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Jiti } from "jiti";
import { FedbusError } from "../../schemas/index.js";
import type { Consumer } from "./consumer.js";
import { isConsumer } from "./define.js";
import { type Place, placeOf, reasonOf, showPlace } from "./fault-place.js";
import { ownModules } from "./own-modules.js";
import { hashOfPlugin } from "./plugin-hash.js";

export interface LoadOptions {
  /** The directory that a relative path, or a package's name, is looked up from; absolute. */
  readonly from: string;
}

/** A consumer and the file that it came from. */
export interface LoadedPlugin {
  readonly consumer: Consumer;
  readonly path: string;
  /** SHA-256 of the plugin's code, hex; also the consumer's `code`. */
  readonly code: string;
}

/** What is no plugin's: this package's folders, as compiled and as sources, and what loads plugins. */
const ours: readonly string[] = ["../../", "../../../"]
  .flatMap((root) => ["schemas/", "bus/", "consumers/"].map((floor) => root + floor))
  .map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
const loaders = join("node_modules", "jiti") + sep;

function isTheirs(file: string): boolean {
  return !file.includes(loaders) && !ours.some((folder) => file.startsWith(folder));
}

/**
 * Loads the plugin at a path, or of an installed package: TypeScript or JavaScript, modules of
 * either kind, without a build step. In it, `fedbus` and `fedbus/consumers` are this very package.
 *
 * Rejects with PLUGIN_NOT_FOUND, and with PLUGIN_INVALID for a module that cannot be parsed, that
 * throws on import or that exports no consumer; `details.file` and `details.line` say where.
 */
export async function loadPlugin(plugin: string, options: LoadOptions): Promise<LoadedPlugin> {
  const { exported, path } = await importPlugin(plugin, options);
  const code = await hashOfPlugin(path);
  return { consumer: { ...consumerIn(exported, path), code }, path, code };
}

/** What the plugin's module exports, and the file that it is in. Rejects as `loadPlugin`. */
export async function importPlugin(
  plugin: string,
  { from }: LoadOptions,
): Promise<{ readonly exported: unknown; readonly path: string }> {
  const name = isFileOrFolder(resolve(from, plugin)) ? undefined : packageName(plugin);
  const { createJiti } = await import("jiti");
  const jiti = createJiti(pathToFileURL(join(from, "plugin")).href, {
    virtualModules: await ownModules(),
    // A package would be handed to Node as it is, and then find another `fedbus`, or none.
    ...(name === undefined ? {} : { transformModules: [name] }),
    // A cache in a directory that everybody may write to is somebody else's code.
    fsCache: false,
    interopDefault: false,
  });
  const path = locate(jiti, plugin, { from, name });
  return { exported: await importFrom(jiti, path), path };
}

function isFileOrFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** `@scope/name` of `@scope/name/part`; undefined for what only a path can be. */
function packageName(plugin: string): string | undefined {
  if (isAbsolute(plugin) || /^\.{1,2}(?:[\\/]|$)/.test(plugin)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(plugin)?.[0];
}

function locate(
  jiti: Jiti,
  plugin: string,
  { from, name }: { readonly from: string; readonly name: string | undefined },
): string {
  const found = jiti.esmResolve(name === undefined ? resolve(from, plugin) : plugin, { try: true });
  const path = found?.startsWith("file:") ? fileURLToPath(found) : found;
  if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  const what = name === undefined ? "there is no such file" : "no such file, nor such a package";
  throw new FedbusError("PLUGIN_NOT_FOUND", `no plugin at ${plugin}: ${what}`, {
    details: { plugin, from, remedy: "name a file, or a package that is installed there" },
  });
}

async function importFrom(jiti: Jiti, path: string): Promise<unknown> {
  try {
    return await jiti.import(path);
  } catch (cause) {
    const place = placeOf(cause, isTheirs);
    throw invalid(path, `cannot be loaded: ${reasonOf(cause)}`, { place, cause });
  }
}

/** The default export; in CommonJS that is `module.exports`, or its `default`. */
function consumerIn(exported: unknown, path: string): Consumer {
  const named = membersOf(exported);
  const candidates = [named.default, membersOf(named.default).default, exported];
  const found = candidates.find(isConsumer);
  if (found !== undefined) return found;
  const elsewhere = Object.keys(named).find((key) => isConsumer(named[key]));
  const remedy =
    elsewhere === undefined
      ? "end the module with `export default consumer({ ... })`"
      : `it exports one as ${elsewhere}: make that the default export`;
  throw invalid(path, "is not usable: its default export is no consumer", { remedy });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function invalid(
  path: string,
  what: string,
  more: { readonly place?: Place | undefined; readonly remedy?: string; readonly cause?: unknown },
): FedbusError {
  const { place, remedy, cause } = more;
  const at = place === undefined ? "" : ` (${showPlace(place)})`;
  return new FedbusError("PLUGIN_INVALID", `the plugin ${path} ${what}${at}`, {
    details: { path, ...place, ...(remedy === undefined ? {} : { remedy }) },
    cause,
  });
}
