/** Keywords of json-schema-to-typescript whose text it takes over as code. */
const codeKeywords: ReadonlySet<string> = new Set(["tsType", "tsEnumNames"]);

/**
 * `value`, a schema or a part of one, without the keywords that put code into declarations: whoever may register a
 * schema must not write programs of those who use it. They are taken out at any place, as a `$ref` makes a schema
 * of any; a property of such a name stays, as its value is a schema.
 */
export function withoutCode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCode);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, member]) => !codeKeywords.has(key) || isSchema(member),
  );
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutCode(member)]));
}

function isSchema(value: unknown): boolean {
  if (typeof value === "boolean") return true;
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text that ends no comment which it stands in. */
export function inComment(text: string): string {
  return text.replaceAll("*/", "* /");
}

/**
 * Declarations whose comments end where they should: the converter escapes descriptions, but not all of what else
 * it tells there, such as patterns. Lines in its comments, and no others, begin with ` * `.
 */
export function withWholeComments(declarations: string): string {
  return declarations
    .split("\n")
    .map((line) => (line.startsWith(" * ") ? inComment(line) : line))
    .join("\n");
}
