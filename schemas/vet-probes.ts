import { eventLimits } from "./event-limits.js";
import type { JsonSchema } from "./schema-definition.js";

/**
 * Bodies that make a schema slow which branches while it refers to itself: one for each property name
 * in the schema, nested as deep as an event may be, once by itself and once through arrays.
 */
export function* probesFor(schema: JsonSchema): Generator<unknown> {
  yield nested((inner) => [inner]);
  for (const name of namesIn(schema)) {
    yield nested((inner) => ({ [name]: inner }));
    yield nested((inner, depth) => (depth % 2 === 0 ? { [name]: inner } : [inner]));
  }
}

function nested(wrap: (inner: unknown, depth: number) => unknown): unknown {
  let body: unknown = {};
  for (let depth = eventLimits.depthMax - 2; depth > 0; depth--) body = wrap(body, depth);
  return body;
}

function namesIn(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return names;
  for (const [key, child] of Object.entries(schema)) {
    if (key === "properties" && typeof child === "object" && child !== null)
      for (const name of Object.keys(child)) names.add(name);
    namesIn(child, names);
  }
  return names;
}
