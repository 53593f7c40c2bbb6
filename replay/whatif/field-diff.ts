import { correctsHeader } from "../../consumers/runner/own-output.js";
import { FedbusError } from "../../schemas/index.js";
import type { Output } from "../outputs/output.js";

/** One field in which two outputs differ. */
export interface FieldDifference {
  /** JSON pointer into the envelope. */
  readonly path: string;
  /** Absent if the field is not there. */
  readonly old?: unknown;
  readonly new?: unknown;
}

/** Fields that are told of one pair, at most. */
const fieldsMax = 100;

/**
 * Which fields differ. What follows from the cause or from the code's version does not count:
 * `msg_id`, `timestamp`, `i`, `headers.cause`; nor what a pattern of `ignored` matches.
 */
export function fieldDifferences(
  old: Output,
  fresh: Output,
  ignored: readonly RegExp[] = [],
): readonly FieldDifference[] {
  const found: FieldDifference[] = [];
  compare("", bodyOf(old), bodyOf(fresh), (difference) => {
    if (found.length < fieldsMax && !ignored.some((pattern) => pattern.test(difference.path)))
      found.push(difference);
  });
  return found;
}

/** Where two JSON values differ, at the first places. */
export function valueDifferences(old: unknown, fresh: unknown): readonly FieldDifference[] {
  const found: FieldDifference[] = [];
  compare("", old, fresh, (difference) => {
    if (found.length < fieldsMax) found.push(difference);
  });
  return found;
}

/** What of an output is compared. */
function bodyOf({ envelope: { msg, headers } }: Output): object {
  const { cause: _, [correctsHeader]: __, ...own } = headers ?? {};
  return { msg: isFailure(msg) ? withoutStack(msg) : msg, headers: own };
}

/** Dead letters tell where in the code it failed, and how often it was tried. */
function isFailure(msg: unknown): msg is { error: { stack?: unknown }; attempts: unknown } {
  const { error, attempts } = (msg ?? {}) as { error?: unknown; attempts?: unknown };
  return typeof attempts === "number" && typeof error === "object" && error !== null;
}

function withoutStack(msg: { error: { stack?: unknown }; attempts: unknown }): object {
  const { error, attempts: _, version: __, ...rest } = msg as typeof msg & { version?: unknown };
  const { stack: ___, ...told } = error;
  return { ...rest, error: told };
}

function compare(
  path: string,
  old: unknown,
  fresh: unknown,
  tell: (difference: FieldDifference) => void,
): void {
  if (old === fresh) return;
  if (!isNested(old) || !isNested(fresh) || Array.isArray(old) !== Array.isArray(fresh)) {
    tell({ path, old, new: fresh });
    return;
  }
  const before = old as Readonly<Record<string, unknown>>;
  const after = fresh as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const at = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!Object.hasOwn(before, name)) tell({ path: at, new: after[name] });
    else if (!Object.hasOwn(after, name)) tell({ path: at, old: before[name] });
    else compare(at, before[name], after[name], tell);
  }
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/**
 * A pattern of paths: a JSON pointer, in which `*` is any one step, and which also means what lies
 * below it. Throws OPTIONS_INVALID for one that leads to nothing that is compared.
 */
export function pathPattern(pointer: string): RegExp {
  if (!/^\/(?:msg|headers|\*)(?:\/|$)/.test(pointer))
    throw new FedbusError("OPTIONS_INVALID", `${pointer} is no field of an event to ignore`, {
      details: {
        pointer,
        remedy: "fields are JSON pointers: /msg/at, /msg/items/*/price, /headers/x",
      },
    });
  const steps = pointer.split("/").map((step) => (step === "*" ? "[^/]+" : escaped(step)));
  return new RegExp(`^${steps.join("/")}(?:/|$)`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
