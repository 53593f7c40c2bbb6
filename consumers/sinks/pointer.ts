import type { Rule } from "../plugin/option-rules.js";
import type { Delivery } from "./destination.js";

/** Reads one place of a delivery; undefined where there is none. */
export type Reader = (delivery: Delivery) => unknown;

const members = ["offset", "topic", "recordedAt", "timestamp", "id", "body", "headers"] as const;

/** The rule for a JSON pointer (RFC 6901) into a delivery, such as `/body/total` or `/timestamp`. */
export const pointer: Rule = (value) => {
  if (typeof value !== "string") return "must be a JSON pointer such as /body/total";
  const [before, first = ""] = value.split("/");
  const known = before === "" && (members as readonly string[]).includes(first);
  return known && !/~(?![01])/.test(value)
    ? undefined
    : `must be a JSON pointer that starts with one of ${members.map((name) => `/${name}`).join(", ")}`;
};

/** What reads the place that a checked pointer names. Only own members are found. */
export function readerOf(path: string): Reader {
  const steps = path
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return (delivery) => {
    let at: unknown = delivery;
    for (const step of steps) at = memberOf(at, step);
    return at;
  };
}

function memberOf(value: unknown, step: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(step)) return undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}
