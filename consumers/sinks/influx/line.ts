import { deliveryRefused } from "../failures.js";

/** A field's value by the type that InfluxDB stores: it never changes within one field. */
export type FieldValue =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "integer" | "unsigned"; readonly value: number | bigint }
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean };

export interface Point {
  readonly measurement: string;
  /** Empty values are left out: the protocol has none. */
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** In the precision of the request. */
  readonly timestamp: bigint;
}

const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const unsignedMost = 2n ** 64n - 1n;

/**
 * One line of InfluxDB's line protocol, without its end:
 *
 *     measurement,tag=value,tag=value field=1,field="text" 1700000000000000000
 *
 * Commas and spaces are escaped by a backslash, in keys and tag values the equals sign too; in texts the
 * quote and the backslash. Tags are sorted by key. Throws DELIVERY_REFUSED for what no line can say.
 */
export function encodeLine({ measurement, tags, fields, timestamp }: Point): string {
  if (fields.size === 0) throw deliveryRefused("the event has none of the fields");
  const head = [
    name("measurement", measurement, /[, ]/g),
    ...[...tags]
      .filter(([, value]) => value !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${keyText(key)}=${name(`tag ${key}`, value, /[,= ]/g)}`),
  ].join(",");
  const body = [...fields].map(([key, value]) => `${keyText(key)}=${fieldText(key, value)}`);
  return `${head} ${body.join(",")} ${within("timestamp", timestamp, int64.least, int64.most)}`;
}

function keyText(key: string): string {
  return name("key", key, /[,= ]/g);
}

/**
 * A name or tag value. Servers differ in how they read a backslash before a special character, another
 * backslash or the end, and in whether a name may hold control characters: those are refused.
 */
function name(what: string, text: string, special: RegExp): string {
  if (text === "") throw deliveryRefused(`${what} is empty`);
  if (/[\u0000-\u001f\u007f]/.test(text))
    throw deliveryRefused(`${what} holds a line break or another control character`);
  if (/\\(?:[,= \\]|$)/.test(text))
    throw deliveryRefused(`${what} holds a backslash where servers differ in what it means`);
  if (what === "measurement" && text.startsWith("#"))
    throw deliveryRefused("measurement starts with #, which begins a comment");
  return text.replace(special, (character) => `\\${character}`);
}

function fieldText(key: string, field: FieldValue): string {
  switch (field.type) {
    case "float":
      if (!Number.isFinite(field.value)) throw deliveryRefused(`field ${key} is no finite number`);
      return String(field.value);
    case "integer":
      return `${within(`field ${key}`, whole(key, field.value), int64.least, int64.most)}i`;
    case "unsigned":
      return `${within(`field ${key}`, whole(key, field.value), 0n, unsignedMost)}u`;
    case "text":
      // Line breaks stay as they are: inside quotes they end no line.
      return `"${field.value.replace(/["\\]/g, (character) => `\\${character}`)}"`;
    case "boolean":
      return String(field.value);
  }
}

function whole(key: string, value: number | bigint): bigint {
  if (typeof value === "bigint") return value;
  if (!Number.isSafeInteger(value)) throw deliveryRefused(`field ${key} is no whole number`);
  return BigInt(value);
}

function within(what: string, value: bigint, least: bigint, most: bigint): bigint {
  if (value < least || value > most) throw deliveryRefused(`${what} is out of range`);
  return value;
}
