import type { JavaRandom } from "./java-random.js";

const lengthMin = 3;
/** One character in so many is a space. */
const spaceRatio = 13;
const letters = 26;
/** Letters that are cut out of one random number: 26^6 lies below 2^31. */
const lettersADraw = 6;
const space = 0x20;
const a = 0x61;

/** Random strings. They are written as bytes into one scratch buffer, then cut out. */
export class RandomText {
  readonly #random: JavaRandom;
  #scratch = Buffer.alloc(1024);

  constructor(random: JavaRandom) {
    this.#random = random;
  }

  /** Lower-case letters with single spaces among them, 3 to below `lengthMax`, then trimmed. */
  words(lengthMax: number): string {
    const length = lengthMin + this.#random.nextInt(lengthMax - lengthMin);
    const scratch = this.#reserve(length);
    for (let at = 0; at < length; at++)
      scratch[at] =
        this.#random.nextInt(spaceRatio) === 0 ? space : a + this.#random.nextInt(letters);
    return scratch.toString("latin1", 0, length).trim();
  }

  /**
   * What fills an event of `bytes` up so that it has `averageBytes` on average, a fifth more or less;
   * empty if it has more already.
   */
  filler(bytes: number, averageBytes: number): string {
    const missing = averageBytes - bytes;
    if (missing < 0) return "";
    const spread = Math.round(missing * 0.2);
    const length = missing - spread + (spread === 0 ? 0 : this.#random.nextInt(2 * spread));
    return this.#exactly(length);
  }

  /** As in Java, the remainder of a negative number is negative: such characters lie before `a`. */
  #exactly(length: number): string {
    const scratch = this.#reserve(length);
    let drawn = 0;
    for (let at = 0; at < length; at++) {
      if (at % lettersADraw === 0) drawn = this.#random.nextInt32();
      scratch[at] = a + (drawn % letters);
      drawn = Math.trunc(drawn / letters);
    }
    return scratch.toString("latin1", 0, length);
  }

  #reserve(length: number): Buffer {
    if (length > this.#scratch.length) this.#scratch = Buffer.alloc(length * 2);
    return this.#scratch;
  }
}
