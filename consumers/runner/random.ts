/**
 * Numbers from 0 to below 1 that depend on nothing but the seed: SplitMix32 over two words of seed
 * (after Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
 */
export class SeededRandom {
  #state = 0;

  /** Begins anew; `seed` is any whole number, `salt` 32 bits that set one use apart from another. */
  seed(seed: number, salt: number): void {
    this.#state = mix((seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) ^ salt));
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    const high = mix(this.#state) >>> 5;
    this.#state = (this.#state + 0x9e3779b9) | 0;
    const low = mix(this.#state) >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
}

function mix(value: number): number {
  let word = value;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}
