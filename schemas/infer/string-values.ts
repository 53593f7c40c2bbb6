import type { Formats } from "./formats.js";

/** Texts that are counted one by one in a place, at most, and characters of each. */
export const distinctMax = 20;
const lengthMax = 64;

/** What was seen of the texts in one place. */
export class StringValues {
  count = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  /** How often each came; undefined once there are too many. */
  distinct: Map<string, number> | undefined = new Map();
  /** Formats that all texts so far are of. */
  formats: string[];
  readonly #check: Formats;

  constructor(formats: Formats) {
    this.formats = [...formats.names];
    this.#check = formats;
  }

  add(text: string): void {
    this.count++;
    // As JSON Schema counts: characters, not code units.
    const length = text.length > 0 ? [...text].length : 0;
    this.least = Math.min(this.least, length);
    this.most = Math.max(this.most, length);
    if (this.formats.length > 0)
      this.formats = this.formats.filter((format) => this.#check.is(format, text));
    this.#tell(text);
  }

  #tell(text: string): void {
    const { distinct } = this;
    if (distinct === undefined) return;
    const before = distinct.get(text);
    if (before === undefined && (distinct.size >= distinctMax || text.length > lengthMax))
      this.distinct = undefined;
    else distinct.set(text, (before ?? 0) + 1);
  }
}
