import { FedbusError } from "../../schemas/index.js";
import { pathOf } from "../field.js";

type Members = Readonly<Record<string, unknown>>;

/** The names that follow `msg` in a path of a body's member. Throws OPTIONS_INVALID. */
export function bodyPath(path: string): readonly string[] {
  const [first, ...names] = pathOf(path);
  if (first !== "msg" || names.length === 0 || names.includes("__proto__"))
    throw new FedbusError(
      "OPTIONS_INVALID",
      `not a path of the body's members, such as msg.speed: ${JSON.stringify(path)}`,
    );
  return names;
}

/** A copy of `body` with `value` at a path; what is no object on the way is replaced by one. */
export function withMember(body: unknown, names: readonly string[], value: unknown): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return value;
  const members = isObject(body) ? body : {};
  const inner = Object.hasOwn(members, name) ? members[name] : undefined;
  return { ...members, [name]: withMember(inner, rest, value) };
}

/** A copy of `body` without the member at a path. */
export function withoutMember(body: unknown, names: readonly string[]): unknown {
  const [name, ...rest] = names;
  if (name === undefined || !isObject(body) || !Object.hasOwn(body, name)) return body;
  const { [name]: inner, ...others } = body;
  return rest.length === 0 ? others : { ...body, [name]: withoutMember(inner, rest) };
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
