/** A limb holds 24 bits: the product of two is exact in a double. */
const limb = 2 ** 24;
const limbMask = limb - 1;

/** The multiplier 0x5DEECE66D as two limbs, and the addend. */
const multiplierHigh = 0x5de;
const multiplierLow = 0xece66d;
const addend = 0xb;

const int32Max = 2 ** 31 - 1;

/**
 * `java.util.Random`, bit for bit: the linear congruential generator of 48 bits that its
 * documentation prescribes (Knuth, The Art of Computer Programming, volume 2, 3.2.1). The state lies
 * in two limbs, since BigInt arithmetic is far slower.
 */
export class JavaRandom {
  #high = 0;
  #low = 0;

  /** `seed`: a safe integer. */
  constructor(seed = 0) {
    this.seed(seed);
  }

  /** Starts the sequence of `seed` anew, as `setSeed` does. */
  seed(seed: number): void {
    const high = Math.floor(seed / limb);
    this.#high = (high & limbMask) ^ multiplierHigh;
    this.#low = (seed - high * limb) ^ multiplierLow;
  }

  /** The next 32 bits, as a signed number. */
  nextInt32(): number {
    this.#step();
    return (this.#high << 8) | (this.#low >>> 16);
  }

  /** A whole number from 0 to below `bound`. Throws RangeError unless 1 <= `bound` < 2^31. */
  nextInt(bound: number): number {
    if (!(bound >= 1 && bound <= int32Max))
      throw new RangeError(`bound ${bound} is no positive int`);
    let bits = this.#next31();
    // For a power of two Java takes the high bits, for others the remainder; what lies past the last
    // whole multiple of the bound is drawn again.
    if ((bound & -bound) === bound) return Math.floor((bits * bound) / 2 ** 31);
    let value = bits % bound;
    while (bits - value + (bound - 1) > int32Max) {
      bits = this.#next31();
      value = bits % bound;
    }
    return value;
  }

  /** A number from 0 to below 1, of 53 random bits. */
  nextDouble(): number {
    this.#step();
    const high = (this.#high << 2) | (this.#low >>> 22);
    this.#step();
    const low = (this.#high << 3) | (this.#low >>> 21);
    return (high * 2 ** 27 + low) * 2 ** -53;
  }

  #next31(): number {
    this.#step();
    return (this.#high << 7) | (this.#low >>> 17);
  }

  /** state = state * 0x5DEECE66D + 0xB mod 2^48 */
  #step(): void {
    const low = this.#low * multiplierLow + addend;
    const high = this.#high * multiplierLow + this.#low * multiplierHigh + Math.floor(low / limb);
    // Bitwise operators take a number modulo 2^32, so the mask takes it modulo 2^24.
    this.#low = low & limbMask;
    this.#high = high & limbMask;
  }
}
