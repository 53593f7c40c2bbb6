import { type Category, featureLimits } from "./feature.js";

/** Categories by index: given, or learnt in the order in which they first come. */
export class Vocabulary {
  readonly #indices = new Map<Category, number>();
  /** Categories that there can be; the index of all others. */
  readonly max: number;
  readonly #learns: boolean;

  constructor(values: readonly Category[], max: number, learns: boolean) {
    for (const value of values) this.#indices.set(value, this.#indices.size);
    this.max = max;
    this.#learns = learns;
  }

  /** The category's index, of which the last means "another one". */
  indexOf(value: Category): number {
    const known = this.#indices.get(value);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    if (!this.#learns || index >= this.max || !isLearnable(value)) return this.max;
    this.#indices.set(value, index);
    return index;
  }

  /** By index. */
  get values(): readonly Category[] {
    return [...this.#indices.keys()];
  }
}

function isLearnable(value: Category): boolean {
  return typeof value !== "string" || value.length <= featureLimits.categoryLengthMax;
}
