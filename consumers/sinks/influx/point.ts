import type { Delivery } from "../destination.js";
import { deliveryRefused } from "../failures.js";
import { type Reader, readerOf } from "../pointer.js";
import { type FieldSource, type InfluxOptions, influxDefaults } from "./influx-options.js";
import type { FieldValue, Point } from "./line.js";

type FieldType = FieldValue["type"];

/** Makes events into points as checked options say. */
export class PointMaker {
  readonly #measurement: Reader;
  readonly #tags: readonly (readonly [string, Reader])[];
  readonly #fields: readonly (readonly [string, Reader, FieldType | undefined])[];
  readonly #precision: "ns" | "us" | "ms" | "s";
  readonly #unique: boolean;

  constructor(options: InfluxOptions) {
    const { measurement, tags, precision } = { ...influxDefaults, ...options };
    this.#measurement = measurement.startsWith("/") ? readerOf(measurement) : () => measurement;
    this.#tags = Object.entries(tags).map(([name, path]) => [name, readerOf(path)]);
    this.#fields = Object.entries(options.fields).map(([name, given]) => {
      const source: FieldSource = typeof given === "string" ? { from: given } : given;
      return [name, readerOf(source.from), source.type];
    });
    this.#precision = precision;
    this.#unique = options.uniqueTimestamps ?? precision === "ns";
  }

  /** Throws DELIVERY_REFUSED. */
  pointOf(delivery: Delivery): Point {
    const tags = new Map<string, string>();
    for (const [name, read] of this.#tags) tags.set(name, tagText(name, read(delivery)));
    const fields = new Map<string, FieldValue>();
    for (const [name, read, type] of this.#fields) {
      const value = read(delivery);
      if (value !== undefined && value !== null) fields.set(name, fieldOf(name, value, type));
    }
    const measurement = tagText("measurement", this.#measurement(delivery));
    return { measurement, tags, fields, timestamp: this.#timestamp(delivery) };
  }

  #timestamp({ timestamp, offset }: Delivery): bigint {
    // A double holds microseconds since 1970, and nothing finer.
    const micros = Math.round(timestamp * 1000);
    if (!Number.isSafeInteger(micros)) throw deliveryRefused("the event's time is out of range");
    if (this.#precision === "s") return BigInt(Math.floor(micros / 1_000_000));
    if (this.#precision === "ms") return BigInt(Math.floor(micros / 1000));
    if (this.#precision === "us") return BigInt(micros);
    const unused = micros % 1000 === 0 ? 1_000_000 : 1000;
    return BigInt(micros) * 1000n + (this.#unique ? BigInt(offset % unused) : 0n);
  }
}

function tagText(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") throw deliveryRefused(`${name} is no single value`);
  return String(value);
}

function fieldOf(name: string, value: unknown, type: FieldType | undefined): FieldValue {
  const wanted = type ?? typeOf(value);
  if (wanted === "text")
    return { type: "text", value: typeof value === "string" ? value : JSON.stringify(value) };
  if (wanted === "boolean" && typeof value === "boolean") return { type: "boolean", value };
  if (wanted !== "boolean" && typeof value === "number") return { type: wanted, value };
  throw deliveryRefused(`field ${name} must be of type ${wanted}`);
}

function typeOf(value: unknown): FieldType {
  if (typeof value === "number") return "float";
  return typeof value === "boolean" ? "boolean" : "text";
}
