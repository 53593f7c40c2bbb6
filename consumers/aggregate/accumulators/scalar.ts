/** A value that can be counted by: a string, a number or a boolean. */
export type Scalar = string | number | boolean;

/** A name for a scalar, under which it is counted; undefined for whatever is none. Strings begin with `"`. */
export function tokenOf(value: unknown): string | undefined {
  if (typeof value === "string") return `"${value}`;
  if (typeof value === "boolean") return String(value);
  return typeof value === "number" && value - value === 0 ? String(value) : undefined;
}

/** The scalar of a name. */
export function scalarOf(token: string): Scalar {
  return token.startsWith('"') ? token.slice(1) : (JSON.parse(token) as Scalar);
}
