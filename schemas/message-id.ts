import { randomBytes } from "node:crypto";

/** Where time and chance come from. */
export interface MessageIdsOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** That many random bytes. Default `crypto.randomBytes`. */
  readonly random?: (bytes: number) => Uint8Array;
}

const hexOf = (digits: number) => (_: unknown, value: number) =>
  value.toString(16).padStart(digits, "0");
const hex2 = Array.from({ length: 0x100 }, hexOf(2));
const hex3 = Array.from({ length: 0x1000 }, hexOf(3));

/** Ids that one draw of random bytes is enough for, and the digits that each takes of it. */
const poolIds = 512;
const randomDigits = 12;
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
  /** Random hexadecimal digits. */
  #pool = "";
  #used = 0;
  #time = -1;
  #counter = 0;
  #prefix = "";

  constructor(options: MessageIdsOptions = {}) {
    this.#clock = options.clock ?? Date.now;
    this.#random = options.random ?? randomBytes;
  }

  /** The next id. `now`: the clock's time, in ms, if the caller has just read it. */
  next(now: number = this.#clock()): string {
    if (now > this.#time) this.#turn(Math.trunc(now));
    else if (++this.#counter > counterMax) this.#turn(this.#time + 1);
    const counter = this.#counter;
    const high = hex2[0x80 | ((counter >>> 8) & 0x3f)]!;
    const low = hex2[counter & 0xff]!;
    return `${this.#prefix}${hex3[counter >>> 14]!}-${high}${low}-${this.#draw()}`;
  }

  /** Moves on to another millisecond. */
  #turn(time: number): void {
    if (time <= this.#time) return;
    this.#time = time;
    this.#counter = Number.parseInt(this.#draw().slice(0, 7), 16) & 0x1ff_ffff;
    const hex = time.toString(16).padStart(12, "0");
    const year = new Date(time).getUTCFullYear();
    this.#prefix = `${year}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-7`;
  }

  /** Unused random digits. A slice so short is copied: it does not hold the pool. */
  #draw(): string {
    if (this.#used === this.#pool.length) {
      const bytes = this.#random((poolIds * randomDigits) / 2);
      this.#pool = Buffer.from(bytes).toString("hex");
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += randomDigits;
    return this.#pool.slice(at, this.#used);
  }
}
