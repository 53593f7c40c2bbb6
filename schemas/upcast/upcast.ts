import { FedbusError } from "../errors.js";

/** What a converted value becomes. */
export type ConvertTo = "string" | "number" | "integer" | "boolean";

/**
 * A step from one version to the next. Places are JSON pointers into the body; the step `*` is every item
 * of an array. Where a place is not there, nothing happens.
 */
export type UpcastStep =
  /** A member gets another name. */
  | { readonly rename: string; readonly to: string }
  /** A value goes elsewhere; objects on the way are made. */
  | { readonly move: string; readonly to: string }
  /** A member that is missing gets a value. */
  | { readonly default: string; readonly value: unknown }
  /** A value changes its type, or is multiplied. `null` stays. An integer with a factor is rounded. */
  | { readonly convert: string; readonly to: ConvertTo; readonly factor?: number }
  /** A text becomes another value, such as a renamed state; others stay. */
  | { readonly map: string; readonly values: Readonly<Record<string, unknown>> }
  | { readonly remove: string };

/**
 * How an event of the version before becomes one of this version: by steps, in order, or by a function
 * of the reader's, which it has under that name.
 */
export type Upcast = readonly UpcastStep[] | { readonly module: string };

/** Steps of one version, at most. */
export const upcastStepsMax = 100;

const members: Readonly<Record<string, readonly string[]>> = {
  rename: ["to"],
  move: ["to"],
  default: ["value"],
  convert: ["to"],
  map: ["values"],
  remove: [],
};
const optional: Readonly<Record<string, readonly string[]>> = { convert: ["factor"] };
const types: readonly unknown[] = ["string", "number", "integer", "boolean"];

/** `value` as an upcast. Throws SCHEMA_INVALID, naming the step at fault. */
export function checkUpcast(value: unknown): Upcast {
  if (isRecord(value) && typeof value.module === "string" && Object.keys(value).length === 1)
    return { module: value.module };
  if (!Array.isArray(value)) throw invalid("", "must be an array of steps, or { module: NAME }");
  if (value.length > upcastStepsMax) throw invalid("", `has more than ${upcastStepsMax} steps`);
  for (const [index, step] of value.entries()) {
    const fault = faultIn(step);
    if (fault !== undefined) throw invalid(`/${index}`, fault);
  }
  return value as UpcastStep[];
}

function faultIn(step: unknown): string | undefined {
  if (!isRecord(step)) return "must be an object";
  const kinds = Object.keys(members).filter((kind) => Object.hasOwn(step, kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return `must have one of ${Object.keys(members).join(", ")}`;
  const needed = [kind, ...members[kind]!];
  const missing = needed.find((name) => !Object.hasOwn(step, name));
  if (missing !== undefined) return `must have ${JSON.stringify(missing)}`;
  const known = [...needed, ...(optional[kind] ?? [])];
  const unknown = Object.keys(step).find((name) => !known.includes(name));
  if (unknown !== undefined) return `has no member ${JSON.stringify(unknown)}`;
  return faultInPlace(step[kind]) ?? faultInRest(kind, step);
}

function faultInRest(kind: string, step: Readonly<Record<string, unknown>>): string | undefined {
  const { to, factor, values } = step;
  if (kind === "rename" && (typeof to !== "string" || to === "" || to === "__proto__"))
    return "`to` must be the member's new name";
  if (kind === "move" && String(step.move).includes("/*")) return "cannot move from every item";
  if (kind === "move")
    return String(to).includes("/*") ? "cannot move to every item" : faultInPlace(to);
  if (kind === "convert" && !types.includes(to)) return `\`to\` must be one of ${types.join(", ")}`;
  if (factor !== undefined && !(Number.isFinite(factor) && (to === "number" || to === "integer")))
    return "`factor` must be a number, for what becomes one";
  if (kind === "map" && !isRecord(values)) return "`values` must be an object";
  return undefined;
}

function faultInPlace(place: unknown): string | undefined {
  if (typeof place !== "string" || !/^(?:\/(?:[^~/]|~[01])+)+$/.test(place))
    return "places must be JSON pointers such as /a/b";
  return stepsOf(place).includes("__proto__") ? "no member may be called __proto__" : undefined;
}

/** The steps of a JSON pointer, unescaped. */
export function stepsOf(pointer: string): readonly string[] {
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(pointer: string, problem: string): FedbusError {
  const place = `/upcast${pointer}`;
  return new FedbusError("SCHEMA_INVALID", `${place} ${problem}`, { details: { pointer: place } });
}
