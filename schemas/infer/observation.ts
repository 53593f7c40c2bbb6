import type { Formats } from "./formats.js";
import { StringValues } from "./string-values.js";

/** Names of members that are told apart in one place, at most: past that, an object is a map. */
export const membersMax = 200;

/** What was seen of the values in one place. */
export class Observation {
  count = 0;
  nulls = 0;
  booleans = 0;
  integers = 0;
  /** Numbers with a fraction. */
  fractions = 0;
  objects = 0;
  arrays = 0;
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;
  readonly strings: StringValues;
  /** Of all arrays' items together. */
  items: Observation | undefined;
  /** By name; undefined once there are too many. */
  members: Map<string, Observation> | undefined = new Map();
  readonly #formats: Formats;

  constructor(formats: Formats) {
    this.#formats = formats;
    this.strings = new StringValues(formats);
  }

  add(value: unknown): void {
    this.count++;
    if (value === null) this.nulls++;
    else if (typeof value === "boolean") this.booleans++;
    else if (typeof value === "number") this.#addNumber(value);
    else if (typeof value === "string") this.strings.add(value);
    else if (Array.isArray(value)) this.#addArray(value);
    else this.#addObject(value as Readonly<Record<string, unknown>>);
  }

  #addNumber(value: number): void {
    if (Number.isInteger(value)) this.integers++;
    else this.fractions++;
    this.least = Math.min(this.least, value);
    this.most = Math.max(this.most, value);
  }

  #addArray(items: readonly unknown[]): void {
    this.arrays++;
    this.items ??= new Observation(this.#formats);
    for (const item of items) this.items.add(item);
  }

  #addObject(value: Readonly<Record<string, unknown>>): void {
    this.objects++;
    for (const [name, inner] of Object.entries(value)) this.#memberOf(name)?.add(inner);
  }

  #memberOf(name: string): Observation | undefined {
    let member = this.members?.get(name);
    if (member !== undefined || this.members === undefined) return member;
    if (this.members.size >= membersMax) {
      this.members = undefined;
      return undefined;
    }
    member = new Observation(this.#formats);
    this.members.set(name, member);
    return member;
  }
}
