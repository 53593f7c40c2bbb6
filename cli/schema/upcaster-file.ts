import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { checkUpcast, type Upcast, type Upcasters } from "../../schemas/index.js";
import { sizeOf } from "../input/file.js";
import { readJsonFile, unusableFile } from "../input/json-file.js";

/** How events of the version before become such of the new one. */
export interface UpcasterFile {
  readonly upcast: Upcast;
  /** The function of a module, by its name. */
  readonly upcasters: Upcasters;
}

/**
 * Steps in a JSON file; or a JavaScript module whose default export is the function: it is called by the
 * file's name without its ending. Rejects with INPUT_INVALID or SCHEMA_INVALID.
 */
export async function readUpcaster(path: string): Promise<UpcasterFile> {
  if (extname(path) === ".json")
    return { upcast: checkUpcast(await readJsonFile(path)), upcasters: {} };
  await sizeOf(path);
  const module = basename(path, extname(path));
  const exported = await imported(path);
  if (typeof exported !== "function")
    throw unusableFile(path, "its default export must be a function of the body");
  return {
    upcast: { module },
    upcasters: { [module]: (body) => (exported as (body: unknown) => unknown)(body) },
  };
}

async function imported(path: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as {
      readonly default?: unknown;
    };
    return module.default;
  } catch (error) {
    throw unusableFile(path, error instanceof Error ? error.message : String(error));
  }
}
