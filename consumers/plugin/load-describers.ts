import { type Describers, FedbusError, isDescribers } from "../../schemas/index.js";
import { importPlugin, type LoadOptions } from "./loader.js";

/**
 * Loads a module whose default export `describe` has made, as `loadPlugin` loads a consumer's. Rejects with
 * PLUGIN_NOT_FOUND or PLUGIN_INVALID.
 */
export async function loadDescribers(plugin: string, options: LoadOptions): Promise<Describers> {
  const { exported, path } = await importPlugin(plugin, options);
  const { default: found } = exported as { readonly default?: unknown };
  if (isDescribers(found)) return found;
  throw new FedbusError("PLUGIN_INVALID", `the plugin ${path} describes nothing`, {
    details: { path, remedy: "end the module with `export default describe({ ... })`" },
  });
}
