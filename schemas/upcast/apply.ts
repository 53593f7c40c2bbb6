import { type ConvertTo, isRecord, stepsOf, type UpcastStep } from "./upcast.js";

type Members = Readonly<Record<string, unknown>>;

/** Why a step cannot be done: to be told together with where. */
export class UpcastFault extends Error {
  override readonly name = "UpcastFault";
}

/** One step as a function of the body, which it leaves as it is. Throws UpcastFault. */
export function stepFunction(step: UpcastStep): (body: unknown) => unknown {
  if ("rename" in step)
    return atParents(step.rename, (parent, name) => renamed(parent, name, step.to));
  if ("move" in step) return (body) => moved(body, stepsOf(step.move), stepsOf(step.to));
  if ("default" in step)
    return atParents(step.default, (parent, name) =>
      Object.hasOwn(parent, name) ? parent : { ...parent, [name]: step.value },
    );
  if ("remove" in step) return atParents(step.remove, without);
  const change =
    "map" in step
      ? (value: unknown) => mapped(value, step.values)
      : (value: unknown) => converted(value, step.to, step.factor);
  return atParents("map" in step ? step.map : step.convert, (parent, name) =>
    Object.hasOwn(parent, name) ? { ...parent, [name]: change(parent[name]) } : parent,
  );
}

/** Changes every object that holds the place, which is there or may come to be. */
function atParents(
  pointer: string,
  change: (parent: Members, name: string) => Members,
): (body: unknown) => unknown {
  const steps = stepsOf(pointer);
  const visit = (value: unknown, at: number): unknown => {
    const step = steps[at]!;
    if (Array.isArray(value)) return visitItems(value, step, at);
    if (!isRecord(value)) return value;
    if (at === steps.length - 1) return change(value, step);
    if (!Object.hasOwn(value, step)) return value;
    return { ...value, [step]: visit(value[step], at + 1) };
  };
  const visitItems = (items: readonly unknown[], step: string, at: number): unknown => {
    if (at === steps.length - 1) return items;
    return items.map((item, index) =>
      step === "*" || step === String(index) ? visit(item, at + 1) : item,
    );
  };
  return (body) => visit(body, 0);
}

/** In the same place among the members. */
function renamed(parent: Members, name: string, to: string): Members {
  if (!Object.hasOwn(parent, name) || name === to) return parent;
  if (Object.hasOwn(parent, to)) throw new UpcastFault(`there is a member ${JSON.stringify(to)}`);
  return Object.fromEntries(
    Object.entries(parent).map(([key, value]) => [key === name ? to : key, value]),
  );
}

function without(parent: Members, name: string): Members {
  if (!Object.hasOwn(parent, name)) return parent;
  const { [name]: _, ...rest } = parent;
  return rest;
}

function moved(body: unknown, from: readonly string[], to: readonly string[]): unknown {
  let value = body;
  for (const step of from) {
    if (!isRecord(value) || !Object.hasOwn(value, step)) return body;
    value = value[step];
  }
  return placed(taken(body as Members, from), to, value);
}

function taken(members: Members, steps: readonly string[]): Members {
  const [step = "", ...rest] = steps;
  if (rest.length === 0) return without(members, step);
  return { ...members, [step]: taken(members[step] as Members, rest) };
}

function placed(parent: unknown, steps: readonly string[], value: unknown): Members {
  const [step = "", ...rest] = steps;
  if (!isRecord(parent)) throw new UpcastFault(`there is no object for ${JSON.stringify(step)}`);
  if (rest.length > 0)
    return {
      ...parent,
      [step]: placed(Object.hasOwn(parent, step) ? parent[step] : {}, rest, value),
    };
  if (Object.hasOwn(parent, step))
    throw new UpcastFault(`there is a member ${JSON.stringify(step)}`);
  return { ...parent, [step]: value };
}

function mapped(value: unknown, values: Members): unknown {
  return typeof value === "string" && Object.hasOwn(values, value) ? values[value] : value;
}

function converted(value: unknown, to: ConvertTo, factor: number | undefined): unknown {
  if (value === null) return null;
  if (to === "string") return asText(value);
  if (to === "boolean") return asBoolean(value);
  const number = asNumber(value) * (factor ?? 1);
  if (to === "number") return number;
  const whole = factor === undefined ? number : Math.round(number);
  if (!Number.isSafeInteger(whole)) throw notTo(value, to);
  return whole;
}

function asText(value: unknown): string {
  if (typeof value === "object") throw notTo(value, "string");
  return String(value);
}

function asBoolean(value: unknown): boolean {
  if (value === true || value === 1 || value === "true") return true;
  if (value === false || value === 0 || value === "false") return false;
  throw notTo(value, "boolean");
}

function asNumber(value: unknown): number {
  const isText = typeof value === "string" && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value);
  const number = typeof value === "number" || isText ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) throw notTo(value, "number");
  return number;
}

function notTo(value: unknown, to: ConvertTo): UpcastFault {
  return new UpcastFault(`${JSON.stringify(value)?.slice(0, 80)} cannot become a ${to}`);
}
