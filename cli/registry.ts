import { definitionOf, type SchemaListing, SchemaRegistry } from "../schemas/index.js";

/** The registry that these listings came from: what is bound to a topic, and how it is checked. */
export function registryFrom(listings: readonly SchemaListing[]): SchemaRegistry {
  const registry = new SchemaRegistry();
  for (const listing of listings) registry.register(definitionOf(listing));
  return registry;
}
