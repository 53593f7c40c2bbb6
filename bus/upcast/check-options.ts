import type { UpcastOptions } from "./upcast-reader.js";

/** What is wrong with options that ask for newer versions. */
export function problemsOfUpcast({ schemaVersion, upcasters }: UpcastOptions): string[] {
  const problems: string[] = [];
  const isTarget =
    schemaVersion === undefined ||
    schemaVersion === "latest" ||
    (isRecord(schemaVersion) &&
      Object.values(schemaVersion).every((one) => Number.isSafeInteger(one) && one > 0));
  if (!isTarget) problems.push("schemaVersion must be latest, or versions by name: { order: 2 }");
  const areFunctions =
    upcasters === undefined ||
    (isRecord(upcasters) && Object.values(upcasters).every((one) => typeof one === "function"));
  if (!areFunctions) problems.push("upcasters must be functions by name");
  return problems;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
