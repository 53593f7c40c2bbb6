/**
 * A bounded map of what was looked up lately. It keeps two generations: when the young one is full it
 * becomes the old one and the old one is dropped, so a lookup never costs more than two `Map.get`.
 */
export class RecentCache<V extends NonNullable<unknown>> {
  readonly #generationMax: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** `entriesMax`: entries held at most, over both generations. */
  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, entriesMax >>> 1);
  }

  get(key: string): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
