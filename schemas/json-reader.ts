import type { ErrorCode } from "./errors.js";
import { pointerStep } from "./json-pointer.js";

/** What is wrong with a JSON text, at its first fault. */
export interface JsonFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** Where in the text, in UTF-16 units from 0. */
  readonly position: number;
  /** JSON pointer to the value or member at fault. */
  readonly pointer?: string;
  /** The key at fault. */
  readonly key?: string;
}

/** Thrown inside the reader only: it unwinds the recursion. */
class Fault extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

// Sticky, and `lastIndex` is set before each use: they carry nothing from one use to the next.
const literal = /true|false|null/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const space = /[ \t\n\r]*/y;
const plain = /[^"\\\x00-\x1f]*/y;
const escapes = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/**
 * The first fault in `text` as one JSON value that every reader understands the same: JSON_INVALID,
 * JSON_TOO_DEEP, JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY (`__proto__`, and a `constructor` that holds
 * `prototype`) or JSON_NUMBER_UNSAFE (an integer past 2^53 - 1, or a number that becomes infinite).
 * Undefined if there is none; then `JSON.parse` is safe. The stack never grows past `depthMax`.
 */
export function faultInJson(text: string, depthMax: number): JsonFault | undefined {
  try {
    new Reader(text, depthMax).readDocument();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

class Reader {
  readonly #text: string;
  readonly #depthMax: number;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  readDocument(): void {
    this.#skip(space);
    this.#readValue();
    this.#skip(space);
    if (this.#at < this.#text.length) this.#unexpected();
  }

  #readValue(): void {
    const start = this.#at;
    switch (this.#text[start]) {
      case "{":
        this.#readObject();
        break;
      case "[":
        this.#readArray();
        break;
      case '"':
        this.#readString();
        break;
      default:
        if (!this.#skip(literal)) this.#readNumber(start);
    }
  }

  #readObject(): void {
    this.#enter();
    const keys = new Set<string>();
    if (!this.#closes("}"))
      do {
        this.#skip(space);
        const start = this.#at;
        const key = this.#readString();
        if (keys.has(key)) this.#badKey("JSON_DUPLICATE_KEY", key, start, "is there twice");
        if (key === "__proto__" || (key === "prototype" && this.#path.at(-1) === "constructor"))
          this.#badKey("JSON_FORBIDDEN_KEY", key, start, "is not allowed");
        keys.add(key);
        this.#skip(space);
        if (this.#text[this.#at] !== ":") this.#unexpected();
        this.#at++;
        this.#readMember(key);
      } while (this.#continues("}"));
  }

  #readArray(): void {
    this.#enter();
    let index = 0;
    if (!this.#closes("]"))
      do this.#readMember(index++);
      while (this.#continues("]"));
  }

  #readMember(key: string | number): void {
    this.#path.push(key);
    this.#skip(space);
    this.#readValue();
    this.#skip(space);
    this.#path.pop();
  }

  #enter(): void {
    if (this.#path.length >= this.#depthMax)
      this.#fail("JSON_TOO_DEEP", `nested deeper than ${this.#depthMax}`, this.#at);
    this.#at++;
  }

  #closes(bracket: string): boolean {
    this.#skip(space);
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  /** Whether a comma, and so another member, follows. */
  #continues(bracket: string): boolean {
    const found = this.#text[this.#at];
    if (found !== "," && found !== bracket) this.#unexpected();
    this.#at++;
    return found === ",";
  }

  #readString(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') this.#unexpected();
    this.#at++;
    this.#skip(plain);
    while (this.#text[this.#at] === "\\") {
      if (!this.#skip(escapes)) this.#unexpected();
      this.#skip(plain);
    }
    if (this.#text[this.#at] !== '"') this.#unexpected();
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #readNumber(start: number): void {
    number.lastIndex = start;
    const match = number.exec(this.#text);
    if (match === null) this.#unexpected();
    this.#at = number.lastIndex;
    const value = Number(match[0]);
    const isInteger = match[1] === undefined && match[2] === undefined;
    if (isInteger ? !Number.isSafeInteger(value) : !Number.isFinite(value))
      this.#fail("JSON_NUMBER_UNSAFE", "a number that JSON readers would alter", start);
  }

  #skip(what: RegExp): boolean {
    what.lastIndex = this.#at;
    if (!what.test(this.#text)) return false;
    this.#at = what.lastIndex;
    return true;
  }

  #badKey(code: ErrorCode, key: string, position: number, what: string): never {
    const pointer = this.#pointer() + pointerStep(key);
    throw new Fault({ code, message: `the key at ${pointer} ${what}`, position, pointer, key });
  }

  #unexpected(): never {
    const position = this.#at;
    const found = this.#text.codePointAt(position);
    const what =
      found === undefined ? "ends too early" : `has ${shownCharacter(found)} where it must not`;
    throw new Fault({
      code: "JSON_INVALID",
      message: `not JSON: the text ${what}, at ${position}`,
      position,
    });
  }

  #fail(code: ErrorCode, what: string, position: number): never {
    const pointer = this.#pointer();
    throw new Fault({ code, message: `${what}, at ${position}`, position, pointer });
  }

  #pointer(): string {
    return this.#path.map(pointerStep).join("");
  }
}

function shownCharacter(code: number): string {
  if (code > 0x20 && code < 0x7f) return `"${String.fromCodePoint(code)}"`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
