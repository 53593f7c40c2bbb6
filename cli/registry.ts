import { type SchemaListing, SchemaRegistry } from "../schemas/index.js";

/** The registry that these listings came from: what is bound to a topic, and how it is checked. */
export function registryFrom(listings: readonly SchemaListing[]): SchemaRegistry {
  const registry = new SchemaRegistry();
  for (const { name, version, topics, schema } of listings)
    registry.register({ name, version, topics, schema });
  return registry;
}
