import { FedbusError } from "../../schemas/errors.js";
import { pythonNumber } from "./python-number.js";

/** Nesting, the outermost value being 1: far more than an event may have. */
const depthMax = 128;

// Sticky, and `lastIndex` is set before each use: they carry nothing from one use to the next.
const space = /[ \t\n\r]*/y;
const string = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*"/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;

/** An object's members: each value is canonical text already. */
export type CanonicalMembers = Map<string, string>;

/**
 * The text that Python makes of `text` by `json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))`:
 * keys sorted by code point, nothing but ASCII, numbers as Python writes them and integers exact. That is what
 * fedmsg signs. Of a key that is there twice the last counts. Throws JSON_INVALID or JSON_TOO_DEEP.
 */
export function pythonJson(text: string): string {
  return new Canoniser(text).document();
}

/** As `pythonJson`, for an object that is to be changed before it is written. Else JSON_INVALID. */
export function canonicalMembers(text: string): CanonicalMembers {
  return new Canoniser(text).members();
}

/** The canonical text of an object. */
export function joinMembers(members: CanonicalMembers): string {
  const keys = [...members.keys()].sort(compareCodePoints);
  return `{${keys.map((key) => `${pythonString(key)}:${members.get(key)}`).join(",")}}`;
}

/** A string as JSON of printable ASCII. */
export function pythonString(value: string): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JavaScript's own order is by UTF-16 units, which differs above U+FFFF. */
function compareCodePoints(one: string, other: string): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    if (one.charCodeAt(at) === other.charCodeAt(at)) continue;
    // Where units differ first, whole code points may start: those of two units sort behind.
    return one.codePointAt(at)! - other.codePointAt(at)!;
  }
  return one.length - other.length;
}

/** Reads a text once, and writes each value as soon as it has ended. */
class Canoniser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): string {
    this.#match(space);
    const value = this.#value();
    this.#end();
    return value;
  }

  members(): CanonicalMembers {
    this.#match(space);
    if (this.#text[this.#at] !== "{") this.#fail();
    const members = this.#object();
    this.#end();
    return members;
  }

  #end(): void {
    this.#match(space);
    if (this.#at < this.#text.length) this.#fail();
  }

  #value(): string {
    const first = this.#text[this.#at];
    if (first === "{") return joinMembers(this.#object());
    if (first === "[") return `[${this.#array().join(",")}]`;
    if (first === '"') return pythonString(this.#string());
    const digits = this.#match(number);
    if (digits) return pythonNumber(digits);
    return this.#match(literal) || this.#fail();
  }

  #object(): CanonicalMembers {
    const members: CanonicalMembers = new Map();
    this.#items("}", () => {
      const key = this.#string();
      this.#match(space);
      if (this.#text[this.#at] !== ":") this.#fail();
      this.#at++;
      this.#match(space);
      members.set(key, this.#value());
    });
    return members;
  }

  #array(): string[] {
    const items: string[] = [];
    this.#items("]", () => items.push(this.#value()));
    return items;
  }

  #items(close: string, read: () => void): void {
    if (++this.#depth > depthMax)
      throw new FedbusError("JSON_TOO_DEEP", `nested deeper than ${depthMax}, at ${this.#at}`);
    this.#at++;
    this.#match(space);
    if (this.#text[this.#at] !== close)
      for (;;) {
        this.#match(space);
        read();
        this.#match(space);
        if (this.#text[this.#at] !== ",") break;
        this.#at++;
      }
    if (this.#text[this.#at] !== close) this.#fail();
    this.#at++;
    this.#depth--;
  }

  #string(): string {
    const text = this.#match(string);
    if (text === "") this.#fail();
    return JSON.parse(text) as string;
  }

  /** What matches here, and passes it; the empty text if nothing does. */
  #match(what: RegExp): string {
    what.lastIndex = this.#at;
    const [found = ""] = what.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #fail(): never {
    const details = { position: this.#at };
    throw new FedbusError("JSON_INVALID", `not JSON at ${this.#at}`, { details });
  }
}
