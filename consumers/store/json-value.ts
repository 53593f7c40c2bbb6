/**
 * What there is in a value (that `JSON.stringify` takes) that JSON does not give back, and where;
 * undefined if there is nothing. A property that is undefined is as good as none.
 */
export function problemIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null)
    return isJson(value) ? undefined : describe(value);
  if (Array.isArray(value)) return problemInArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return describe(value);
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const problem = problemIn(member);
    if (problem !== undefined) return `${problem} in ${JSON.stringify(name)}`;
  }
  return undefined;
}

function problemInArray(values: readonly unknown[]): string | undefined {
  for (let index = 0; index < values.length; index++) {
    const problem = problemIn(values[index]);
    if (problem !== undefined) return `${problem} at ${index}`;
  }
  return undefined;
}

/** Of what is no object. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "boolean" || value === null;
}

/** The value's kind, as one would call it. */
export function describe(value: unknown): string {
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const { name } = (value.constructor ?? Object) as { readonly name?: unknown };
  return typeof name === "string" && name !== "Object" && name !== "Array" && name !== ""
    ? `a ${name}`
    : "what JSON cannot write";
}
