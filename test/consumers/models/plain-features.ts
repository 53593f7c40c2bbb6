import type { BusEvent } from "../../../bus/index.js";
import type { Encoder } from "../../../consumers/models/features/feature.js";

/** An event that holds `msg`, for what only reads events. */
export function eventOf(msg: unknown, more: object = {}): BusEvent {
  const event = { topic: "in", offset: 0, timestamp: 0, recordedAt: 0, msg, ...more };
  return { ...event, envelope: { topic: "in", msg, username: "u" } } as unknown as BusEvent;
}

/** What a path leads to, member by member. */
export function walk(root: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    root,
  );
}

/** The columns of a value by a given vocabulary, as the docs say, in the plainest way. */
export function plainColumns(encoder: Encoder, value: unknown): number[] {
  const isMissing = value === undefined || value === null;
  const isCategory = ["string", "number", "boolean"].includes(typeof value);
  switch (encoder.kind) {
    case "number": {
      const number = typeof value === "boolean" ? Number(value) : value;
      const isNumber = typeof number === "number" && Number.isFinite(Math.fround(number));
      const column = isNumber ? Math.fround(number) : Number.NaN;
      return encoder.missing === true ? [column, isNumber ? 0 : 1] : [column];
    }
    case "missing":
      return [isMissing ? 1 : 0];
    case "category": {
      const index = encoder.values!.indexOf(value as string);
      return [isCategory ? (index < 0 ? encoder.values!.length : index) : Number.NaN];
    }
    case "one-hot": {
      const columns = encoder.values!.map((known) => (known === value ? 1 : 0));
      const isOther = isCategory && !columns.includes(1);
      return [...columns, isOther ? 1 : 0];
    }
    default:
      throw new Error(`no plain way for ${encoder.kind}`);
  }
}
