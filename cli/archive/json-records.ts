import type { Readable } from "node:stream";
import { FedbusError } from "../../schemas/errors.js";
import type { InputLine } from "../input/lines.js";

/** Bytes of one record, at most. */
const recordBytesMax = 64 * 2 ** 20;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening = [0x5b, 0x7b];
const closing = [0x5d, 0x7d];
const pageOpening = /"raw_messages"\s*:\s*$/;
/** Bytes that are looked at for it. */
const pageOpeningBytesMax = 64;
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/**
 * The records in JSON texts, as they arrive and byte for byte: the elements of an array, those of the array
 * `raw_messages` in an object (a page of datagrepper's), or objects one after the other, such as one a line. A
 * record's number counts from 1. Memory is bounded by the largest record; rejects with INPUT_INVALID past the
 * limit, where the brackets do not fit, and where there is anything else than objects. Whether a record is JSON is not looked at.
 */
export async function* readRecords(input: Readable): AsyncGenerator<readonly InputLine[]> {
  const splitter = new Splitter();
  for await (const read of input) {
    splitter.take(typeof read === "string" ? Buffer.from(read) : (read as Buffer));
    yield splitter.records();
  }
  splitter.end();
  yield splitter.records();
}

class Splitter {
  #records: InputLine[] = [];
  #number = 0;
  /** Bytes of the record, or of a page's beginning, from earlier chunks. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** How deep records stand: 0 for objects alone. */
  #recordDepth = 0;
  /** Whether a page's records are over: its rest is passed. */
  #isPageOver = false;

  records(): readonly InputLine[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  end(): void {
    if (this.#depth > 0 || this.#inString) throw unbalanced(this.#number + 1);
    if (this.#bytes > 0) throw notRecord(this.#number + 1);
  }

  take(chunk: Buffer): void {
    // Where the bytes start that are not yet kept or passed.
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inString) {
        this.#string(byte);
        continue;
      }
      if (byte === quote) this.#inString = true;
      else if (opening.includes(byte)) {
        if (this.#opens(byte, chunk.subarray(start, at))) start = at + 1;
        this.#depth++;
      } else if (closing.includes(byte)) {
        this.#depth--;
        if (this.#closes(chunk.subarray(start, at + 1))) start = at + 1;
      } else if (this.#depth === this.#recordDepth && (byte === comma || isSpace(byte))) {
        // Between records.
        if (this.#bytes === 0 && start === at) start = at + 1;
      }
    }
    this.#keep(chunk.subarray(start));
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }

  /** Whether the bracket begins an array of records: then what was before it is nobody's. */
  #opens(byte: number, before: Buffer): boolean {
    if (this.#recordDepth > 0 || this.#isPageOver || byte !== opening[0]) return false;
    const isPage = this.#depth === 1 && pageOpening.test(this.#textBefore(before));
    if (this.#depth !== 0 && !isPage) return false;
    this.#recordDepth = this.#depth + 1;
    this.#drop();
    return true;
  }

  /** The last of what is kept with `before`: to look at all of it at each bracket would take squares of time. */
  #textBefore(before: Buffer): string {
    let tail = before.subarray(-pageOpeningBytesMax);
    for (let at = this.#parts.length - 1; at >= 0 && tail.length < pageOpeningBytesMax; at--)
      tail = Buffer.concat([this.#parts[at]!.subarray(tail.length - pageOpeningBytesMax), tail]);
    return tail.toString("latin1");
  }

  /** Whether the bracket has ended a record, an array of them, or a page. `rest` ends with it. */
  #closes(rest: Buffer): boolean {
    if (this.#depth < 0) throw unbalanced(this.#number + 1);
    if (this.#isPageOver) {
      this.#drop();
      if (this.#depth === 0) this.#isPageOver = false;
      return true;
    }
    if (this.#depth === this.#recordDepth) {
      this.#records.push({ number: ++this.#number, bytes: Buffer.concat([...this.#parts, rest]) });
      this.#drop();
      return true;
    }
    if (this.#recordDepth === 0 || this.#depth !== this.#recordDepth - 1) return false;
    if (this.#bytes + rest.length > 1) throw notRecord(this.#number + 1);
    this.#recordDepth = 0;
    this.#isPageOver = this.#depth > 0;
    this.#drop();
    return true;
  }

  #keep(bytes: Buffer): void {
    if (this.#isPageOver || bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#bytes > recordBytesMax) throw tooLarge(this.#number + 1);
    // The chunk's memory is not ours to hold.
    this.#parts.push(Buffer.from(bytes));
  }

  #drop(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}

function unbalanced(record: number): FedbusError {
  return new FedbusError("INPUT_INVALID", `the input is no JSON: its brackets do not fit`, {
    details: { record },
  });
}

function notRecord(record: number): FedbusError {
  const remedy = "give objects, an array of them, or pages with an array raw_messages of them";
  return new FedbusError("INPUT_INVALID", `the input has something else than an object`, {
    details: { record, remedy },
  });
}

function tooLarge(record: number): FedbusError {
  return new FedbusError("INPUT_INVALID", `a record is larger than ${recordBytesMax} bytes`, {
    details: { record, recordBytesMax },
  });
}
