import { randomBytes } from "node:crypto";

/** Where time and chance come from. */
export interface MessageIdsOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** That many random bytes. Default `crypto.randomBytes`. */
  readonly random?: (bytes: number) => Uint8Array;
}

/** Characters of an id. */
export const messageIdBytes = 41;

/** The two hex digits of each byte, as ASCII. */
const hexHigh = Uint8Array.from({ length: 256 }, (_, value) => digit(value >>> 4));
const hexLow = Uint8Array.from({ length: 256 }, (_, value) => digit(value & 15));
const dash = 0x2d;

function digit(value: number): number {
  return value.toString(16).charCodeAt(0);
}

/** Ids that one draw of random bytes is enough for; an id takes eight bytes of it. */
const poolIds = 512;
const counterMax = 0x3ff_ffff;

/**
 * Message ids: `<year>-<uuid>`, 41 characters, where the UUID is version 7 of RFC 9562. After its
 * 48 bits of time come a counter of 26 bits (RFC 9562, 6.2 method 1, which starts at a random place
 * below half every millisecond) and 48 random bits. Ids of one instance only ever increase, as
 * strings too: when the clock steps back, the last time is used until the clock has passed it.
 */
export class MessageIds {
  readonly #clock: () => number;
  readonly #random: (bytes: number) => Uint8Array;
  #pool: Uint8Array = new Uint8Array(0);
  #used = 0;
  #time = -1;
  #counter = 0;
  /** Year, time and version: `2026-01a1fe9b-d682-7`. */
  #prefix: Uint8Array = new Uint8Array(0);
  readonly #scratch = Buffer.alloc(messageIdBytes);

  constructor(options: MessageIdsOptions = {}) {
    this.#clock = options.clock ?? Date.now;
    this.#random = options.random ?? randomBytes;
  }

  /** The next id. `now`: the clock's time, in ms, if the caller has just read it. */
  next(now: number = this.#clock()): string {
    this.writeTo(this.#scratch, 0, now);
    return this.#scratch.toString("latin1");
  }

  /** Writes the next id, `messageIdBytes` of ASCII, to `bytes` at `start`. */
  writeTo(bytes: Uint8Array, start: number, now: number = this.#clock()): void {
    if (now > this.#time) this.#turn(Math.trunc(now));
    else if (++this.#counter > counterMax) this.#turn(this.#time + 1);
    const counter = this.#counter;
    const drawn = this.#draw();
    const pool = this.#pool;
    bytes.set(this.#prefix, start);
    let at = start + this.#prefix.length;
    bytes[at++] = hexLow[counter >>> 22]!;
    at = writeHex(bytes, at, (counter >>> 14) & 0xff);
    bytes[at++] = dash;
    at = writeHex(bytes, at, 0x80 | ((counter >>> 8) & 0x3f));
    at = writeHex(bytes, at, counter & 0xff);
    bytes[at++] = dash;
    for (let index = 0; index < 6; index++) at = writeHex(bytes, at, pool[drawn + index]!);
  }

  /** Moves on to another millisecond. */
  #turn(time: number): void {
    if (time <= this.#time) return;
    const at = this.#draw();
    const pool = this.#pool;
    this.#time = time;
    this.#counter = ((pool[at]! << 17) | (pool[at + 1]! << 9) | (pool[at + 2]! << 1)) & 0x1ff_ffff;
    const hex = time.toString(16).padStart(12, "0");
    const year = new Date(time).getUTCFullYear();
    this.#prefix = Buffer.from(`${year}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-7`, "latin1");
  }

  /** The place in the pool of eight unused random bytes. */
  #draw(): number {
    if (this.#used + 8 > this.#pool.length) {
      this.#pool = this.#random(poolIds * 8);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += 8;
    return at;
  }
}

function writeHex(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = hexHigh[value]!;
  bytes[at + 1] = hexLow[value]!;
  return at + 2;
}
