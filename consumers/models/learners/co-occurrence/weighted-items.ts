/**
 * Weights of items, of which only the heaviest are kept: when there are twice as many as `most`, the lighter half
 * goes. So what is kept is within a factor of two of the limit, and adding costs no search.
 */
export class WeightedItems {
  readonly #most: number;
  readonly #weights: Map<string, number>;

  constructor(most: number, entries: Iterable<readonly [string, number]> = []) {
    this.#most = most;
    this.#weights = new Map(entries);
  }

  /** The weight of an item; 0 for one that is not kept. */
  of(item: string): number {
    return this.#weights.get(item) ?? 0;
  }

  /** Items and weights, in the order in which the items came. */
  entries(): IterableIterator<[string, number]> {
    return this.#weights.entries();
  }

  /** Adds to an item's weight. Tells which items had to go. */
  add(item: string, weight: number): readonly string[] {
    this.#weights.set(item, this.of(item) + weight);
    return this.#weights.size > 2 * this.#most ? this.#prune() : [];
  }

  forget(items: ReadonlySet<string>): void {
    for (const item of this.#weights.keys()) if (items.has(item)) this.#weights.delete(item);
  }

  /** Multiplies all weights. */
  scale(factor: number): void {
    for (const [item, weight] of this.#weights) this.#weights.set(item, weight * factor);
  }

  /** Of equal weights, the older items stay. */
  #prune(): readonly string[] {
    const sorted = [...this.#weights].sort(([, a], [, b]) => b - a);
    const gone = sorted.slice(this.#most).map(([item]) => item);
    for (const item of gone) this.#weights.delete(item);
    return gone;
  }
}
