// What the hooks read of a message's body, which may be anything.
export type Body = Readonly<Record<string, unknown>>;

/** The object in it; an empty one for anything else. */
export function bodyOf(value: unknown): Body {
  return typeof value === "object" && value !== null ? (value as Body) : {};
}

/** Plain text; "" for what is missing. */
export function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The texts in a list, each once and sorted. */
export function texts(...values: readonly unknown[]): string[] {
  const all = values.flat().map(text);
  return [...new Set(all)].filter((item) => item !== "").sort();
}

/** The segments of a topic behind its prefix and environment. */
export function stepsOf(topic: string): string[] {
  return topic.split(".").slice(3);
}
