import type { BusEvent } from "../bus/index.js";
import { FedbusError } from "../schemas/index.js";

/**
 * What to take from an event: a function of it, or a path of member names that begins at the
 * event, such as `msg.position.speed`, `topic` or `headers.trace`. A path that leads nowhere gives undefined.
 */
export type Field<Value = unknown> = string | ((event: BusEvent) => Value);

/** What a path may begin with. */
const roots: Readonly<Record<string, (event: BusEvent) => unknown>> = {
  msg: (event) => event.envelope.msg,
  headers: (event) => event.envelope.headers,
  topic: (event) => event.topic,
  username: (event) => event.envelope.username,
  timestamp: (event) => event.timestamp,
  offset: (event) => event.offset,
  recordedAt: (event) => event.recordedAt,
};

/** A function that takes the field from an event. Throws OPTIONS_INVALID. */
export function fieldOf(field: Field): (event: BusEvent) => unknown {
  if (typeof field === "function") return field;
  const [first = "", ...names] = pathOf(field);
  const root = Object.hasOwn(roots, first) ? roots[first] : undefined;
  if (root === undefined)
    throw invalid(
      `${JSON.stringify(field)} is no path of an event: a path begins with ${Object.keys(roots).join(", ")}; did you mean ${JSON.stringify(`msg.${field}`)}?`,
    );
  const [name] = names;
  if (name === undefined) return root;
  if (first === "msg" && names.length === 1)
    return (event) => (event.envelope.msg as Readonly<Record<string, unknown>> | null)?.[name];
  return (event) => memberOf(root(event), names);
}

/** Like `fieldOf`, for numbers: undefined for whatever is no finite number. */
export function numberOf(field: Field): (event: BusEvent) => number | undefined {
  const valueIn = fieldOf(field);
  const names = typeof field === "string" ? field.split(".") : [];
  const [first, name] = names;
  if (first !== "msg" || name === undefined || names.length !== 2)
    return (event) => finiteOf(valueIn(event));
  // The usual case, which is called several times an event, without a call in between.
  return (event) =>
    finiteOf((event.envelope.msg as Readonly<Record<string, unknown>> | null)?.[name]);
}

function finiteOf(value: unknown): number | undefined {
  return typeof value === "number" && value - value === 0 ? value : undefined;
}

/** The names of a path, one or more. Throws OPTIONS_INVALID. */
export function pathOf(path: string): readonly string[] {
  const names = typeof path === "string" ? path.split(".") : [""];
  if (names.includes("")) throw invalid(`not a path of member names: ${JSON.stringify(path)}`);
  return names;
}

/** The member that `names` lead to; undefined where there is none. */
export function memberOf(value: unknown, names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

function invalid(message: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", message);
}
