import { FedbusError } from "../../schemas/errors.js";

type Params = Readonly<Record<string, unknown>>;

/** A whole number of at least 0. */
export function wholeNumber(params: Params, name: string): number {
  const value = params[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw wrong(name, "a whole number of at least 0");
}

/** The same, or absent: an object to spread, without the key where it is absent. */
export function optionalNumber<K extends string>(params: Params, name: K): { [P in K]?: number } {
  if (params[name] === undefined) return {};
  return { [name]: wholeNumber(params, name) } as { [P in K]: number };
}

export function text(params: Params, name: string): string {
  const value = params[name];
  if (typeof value === "string") return value;
  throw wrong(name, "a string");
}

export function optionalTexts<K extends string>(params: Params, name: K): { [P in K]?: string[] } {
  const value = params[name];
  if (value === undefined) return {};
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return { [name]: value } as { [P in K]: string[] };
  throw wrong(name, "an array of strings");
}

export function object(params: Params, name: string): Record<string, unknown> {
  const value = params[name];
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(name, "an object");
}

function wrong(name: string, expected: string): FedbusError {
  return new FedbusError("PROTOCOL_INVALID", `\`params.${name}\` must be ${expected}`, {
    details: { param: name, expected },
  });
}
