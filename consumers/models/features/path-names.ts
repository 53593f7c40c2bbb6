import { fieldOf, pathOf } from "../../field.js";

/**
 * The names that a feature's path leads through, beginning with a root of `Field`. A JSON pointer (RFC 6901)
 * begins at the body. Throws OPTIONS_INVALID.
 */
export function namesOf(path: string): readonly string[] {
  if (path.startsWith("/")) return ["msg", ...path.slice(1).split("/").map(unescapePointer)];
  const names = pathOf(path);
  // Says what a path may begin with.
  fieldOf(path);
  return names;
}

function unescapePointer(token: string): string {
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}
