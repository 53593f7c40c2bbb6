import { FedbusError } from "../../schemas/errors.js";

/** Throws OPTIONS_INVALID, naming every key that is unknown and every number out of range. */
export function checkOptions(
  what: string,
  given: object,
  known: Readonly<Record<string, "count" | "flag" | "other">>,
): void {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, key)) problems.push(`${key} is not an option`);
    else if (value === undefined) continue;
    else if (known[key] === "count" && !(Number.isSafeInteger(value) && value >= 0))
      problems.push(`${key} must be a whole number, 0 or more`);
    else if (known[key] === "flag" && typeof value !== "boolean")
      problems.push(`${key} must be true or false`);
  }
  if (problems.length > 0)
    throw new FedbusError("OPTIONS_INVALID", `${what}: ${problems.join("; ")}`, {
      details: { problems },
    });
}
