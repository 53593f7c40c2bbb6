import { isUtf8 } from "node:buffer";
import { FedbusError } from "./errors.js";
import type { EventLimits } from "./event-limits.js";
import { readEvent } from "./event-reader.js";
import { endOfRun, parseRun, startOfEvent } from "./event-run.js";
import { scanEvent } from "./json-scan.js";
import { countMembers } from "./json-walk.js";

/**
 * The events of one block, parsed. The bytes are scanned once, and then parsed in runs of many events.
 * Where that cannot be, each event is parsed alone; and what is still in doubt then is read character
 * by character, which is slow and says exactly what is wrong.
 */
export class BlockReader {
  readonly #payload: Buffer;
  readonly #ends: Uint32Array;
  readonly #limits: EventLimits;
  /** For each event, how many members its objects have by its text; -1 where that is in doubt. */
  readonly #members: Int32Array;
  readonly #isUtf8: boolean;
  /** The run parsed last: events from `#from` to before `#to`; undefined if it did not parse. */
  #run: readonly unknown[] | undefined;
  #from = 0;
  #to = 0;

  /** `payload` should be `[event,event,...]`, and `ends` the place after each event. */
  constructor(payload: Buffer, ends: Uint32Array, limits: EventLimits) {
    this.#payload = payload;
    this.#ends = ends;
    this.#limits = limits;
    this.#members = new Int32Array(ends.length);
    this.#isUtf8 = isUtf8(payload);
    this.#scan();
  }

  /**
   * The event at `index`. Throws EVENT_TOO_LARGE, JSON_NOT_UTF8, JSON_INVALID, JSON_TOO_DEEP,
   * JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY or JSON_NUMBER_UNSAFE.
   */
  read(index: number): unknown {
    const members = this.#members[index]!;
    if (members >= 0) {
      if (index < this.#from || index >= this.#to) this.#parseRun(index);
      const event =
        this.#run === undefined ? this.#parseAlone(index) : this.#run[index - this.#from];
      if (event !== undefined && countMembers(event) === members) return event;
    }
    this.#checkSeparators(index);
    return readEvent(this.#slice(index), this.#limits);
  }

  #scan(): void {
    const { depthMax, eventBytesMax } = this.#limits;
    const ends = this.#ends;
    let start = 1;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index]!;
      const bytes = end - start;
      const fits = bytes > 0 && bytes <= eventBytesMax && this.#stands(index);
      this.#members[index] = fits ? scanEvent(this.#payload, start, end, depthMax) : -1;
      start = end + 1;
    }
  }

  /** Where the scan is content and this parses, its elements are the slices between `ends`. */
  #parseRun(from: number): void {
    const ends = this.#ends;
    const start = startOfEvent(ends, from);
    const longest = endOfRun(ends, from, start);
    let to = from + 1;
    while (to < longest && this.#members[to]! >= 0) to++;
    this.#from = from;
    this.#to = to;
    this.#run = this.#isUtf8
      ? parsedRun(this.#payload, start, ends[to - 1]!, to - from)
      : undefined;
  }

  #parseAlone(index: number): unknown {
    const slice = this.#slice(index);
    return isUtf8(slice) ? parsedRun(slice, 0, slice.length, 1)?.[0] : undefined;
  }

  #slice(index: number): Buffer {
    const start = startOfEvent(this.#ends, index);
    return this.#payload.subarray(start, Math.max(start, this.#ends[index]!));
  }

  /** Whether the event stands between the bracket or commas that it should. */
  #stands(index: number): boolean {
    const payload = this.#payload;
    const end = this.#ends[index]!;
    if (index === 0 && payload[0] !== 0x5b) return false;
    if (index < this.#ends.length - 1) return payload[end] === 0x2c;
    return payload[end] === 0x5d && end === payload.length - 1;
  }

  #checkSeparators(index: number): void {
    if (this.#stands(index)) return;
    throw new FedbusError("JSON_INVALID", "the event's end is not where the block says", {
      details: { end: this.#ends[index] },
    });
  }
}

/** The events between `start` and `end`; undefined unless they parse and are `count`. */
function parsedRun(
  payload: Buffer,
  start: number,
  end: number,
  count: number,
): readonly unknown[] | undefined {
  try {
    const run = parseRun(payload, start, end);
    return run.length === count ? run : undefined;
  } catch {
    return undefined;
  }
}
