import { FedbusError } from "../../schemas/errors.js";

/** What an option holds, as far as it is checked: a whole number from 0 on, a boolean, or anything. */
type Kinds = Readonly<Record<string, "count" | "flag" | "other">>;

/** Throws OPTIONS_INVALID, naming every key that is unknown and every number out of range. */
export function checkOptions(what: string, given: object, known: Kinds): void {
  refuse(what, problemsIn(given, known));
}

/** What is wrong with `given`, an item each. */
export function problemsIn(given: object, known: Kinds): string[] {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return [`options must be an object, with ${Object.keys(known).join(", ")}`];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, key)) problems.push(`${key} is not an option`);
    else if (value === undefined) continue;
    else if (known[key] === "count" && !(Number.isSafeInteger(value) && value >= 0))
      problems.push(`${key} must be a whole number, 0 or more`);
    else if (known[key] === "flag" && typeof value !== "boolean")
      problems.push(`${key} must be true or false`);
  }
  return problems;
}

/** Throws OPTIONS_INVALID if there are problems. */
export function refuse(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new FedbusError("OPTIONS_INVALID", `${what}: ${problems.join("; ")}`, {
    details: { problems },
  });
}
