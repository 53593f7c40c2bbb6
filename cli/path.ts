import type { BusEvent } from "../bus/index.js";

/**
 * The value at a dotted path of an event: `topic`, `msg.user.name`, `msg.files.0`. A path that does
 * not start with a member of the envelope, `offset` or `recorded_at` is looked up in `msg`.
 */
export function valueAt(event: BusEvent, path: string): unknown {
  if (path === "offset") return event.offset;
  if (path === "recorded_at" || path === "recordedAt") return event.recordedAt;
  const steps = path.split(".");
  const { envelope } = event;
  const root = Object.hasOwn(envelope, steps[0] ?? "") ? envelope : envelope.msg;
  return steps.reduce<unknown>(step, root);
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
