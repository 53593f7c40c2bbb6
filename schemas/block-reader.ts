import { isUtf8 } from "node:buffer";
import { FedbusError } from "./errors.js";
import type { EventLimits } from "./event-limits.js";
import { readEvent } from "./event-reader.js";
import { scanEvent } from "./json-scan.js";
import { countMembers } from "./json-walk.js";

/**
 * The events of one block, parsed. The block is read as a whole: one scan of the bytes, one
 * `JSON.parse`. Where that cannot be, each event is parsed alone; and what is still in doubt then is
 * read character by character, which is slow and says exactly what is wrong.
 */
export class BlockReader {
  readonly #payload: Buffer;
  readonly #ends: Uint32Array;
  readonly #limits: EventLimits;
  /** For each event, how many members its objects have by its text; -1 where that is in doubt. */
  readonly #members: Int32Array;
  readonly #whole: readonly unknown[] | undefined;

  /** `payload` should be `[event,event,...]`, and `ends` the place after each event. */
  constructor(payload: Buffer, ends: Uint32Array, limits: EventLimits) {
    this.#payload = payload;
    this.#ends = ends;
    this.#limits = limits;
    this.#members = new Int32Array(ends.length);
    this.#whole = this.#scan() && isUtf8(payload) ? this.#parseWhole() : undefined;
  }

  /**
   * The event at `index`. Throws EVENT_TOO_LARGE, JSON_NOT_UTF8, JSON_INVALID, JSON_TOO_DEEP,
   * JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY or JSON_NUMBER_UNSAFE.
   */
  read(index: number): unknown {
    const members = this.#members[index]!;
    if (members >= 0) {
      const event = this.#whole === undefined ? this.#parseAlone(index) : this.#whole[index];
      if (event !== undefined && countMembers(event) === members) return event;
    }
    this.#checkSeparators(index);
    return readEvent(this.#slice(index), this.#limits);
  }

  /** Whether everything that a scan can see is in order. */
  #scan(): boolean {
    const { depthMax, eventBytesMax } = this.#limits;
    const ends = this.#ends;
    let isSound = true;
    let start = 1;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index]!;
      const bytes = end - start;
      const fits = bytes > 0 && bytes <= eventBytesMax && this.#stands(index);
      const members = fits ? scanEvent(this.#payload, start, end, depthMax) : -1;
      if (members < 0) isSound = false;
      this.#members[index] = members;
      start = end + 1;
    }
    return isSound;
  }

  /** Where the scan is content and this parses, its elements are the slices between `ends`. */
  #parseWhole(): readonly unknown[] | undefined {
    const whole = parsed(this.#payload);
    return Array.isArray(whole) && whole.length === this.#ends.length ? whole : undefined;
  }

  #parseAlone(index: number): unknown {
    const slice = this.#slice(index);
    return isUtf8(slice) ? parsed(slice) : undefined;
  }

  #slice(index: number): Buffer {
    const start = this.#startOf(index);
    return this.#payload.subarray(start, Math.max(start, this.#ends[index]!));
  }

  #startOf(index: number): number {
    return index === 0 ? 1 : this.#ends[index - 1]! + 1;
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

/** The value in `bytes`, undefined if they are not JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
