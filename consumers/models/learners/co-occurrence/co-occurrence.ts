import { between, oneOf, type Rules, whole } from "../../../plugin/option-rules.js";
import type { LearnerState } from "../learner.js";
import { type PairScore, pairScores } from "./scores.js";
import { WeightedItems } from "./weighted-items.js";

export interface CoOccurrenceHyper {
  readonly score: PairScore;
  /** Baskets after which one counts half; 0: all count the same for good. */
  readonly halfLife: number;
  /** Baskets, by weight, that two items must share before the one is recommended for the other. */
  readonly minBoth: number;
  /** Items that are kept; at times twice as many. */
  readonly itemsMax: number;
  /** Neighbours of each item that are kept; at times twice as many. */
  readonly neighboursMax: number;
  /** Items of a basket that are looked at: the first ones. */
  readonly basketItemsMax: number;
}

export interface Recommendation {
  readonly item: string;
  readonly score: number;
}

/** Weights grow instead of old ones shrinking; beyond this all are made smaller at once. */
const weightMax = 2 ** 64;

/**
 * What is bought, read or used together: counts, for each two items, the baskets with both (Linden, Smith and
 * York, "Amazon.com recommendations: item-to-item collaborative filtering", 2003), old baskets counting less by
 * forward decay (Cormode, Shkapenyuk, Srivastava and Xu, 2009). Memory is bounded: the least frequent items, and
 * the least frequent neighbours of each, are forgotten.
 */
export class CoOccurrence {
  readonly #hyper: CoOccurrenceHyper;
  readonly #items: WeightedItems;
  readonly #neighbours = new Map<string, WeightedItems>();
  readonly #growth: number;
  /** Weight of all baskets, and of the next one. */
  #all: number;
  #weight: number;

  constructor(hyper: CoOccurrenceHyper, state?: LearnerState) {
    this.#hyper = hyper;
    this.#growth = hyper.halfLife === 0 ? 1 : 2 ** (1 / hyper.halfLife);
    this.#all = (state?.all as number) ?? 0;
    this.#weight = (state?.weight as number) ?? 1;
    const names = state === undefined ? [] : (JSON.parse(state.names as string) as string[]);
    const weights = (state?.weights as Float64Array) ?? new Float64Array(0);
    this.#items = new WeightedItems(
      hyper.itemsMax,
      names.map((name, i) => [name, weights[i]!] as const),
    );
    if (state !== undefined) this.#restorePairs(state, names);
  }

  /** Counts a basket; an item that comes twice counts once. */
  learn(basket: readonly string[]): void {
    const items = this.#distinct(basket);
    if (items.length === 0) return;
    this.#all += this.#weight;
    const gone = new Set<string>();
    for (const item of items)
      for (const other of this.#items.add(item, this.#weight)) gone.add(other);
    if (gone.size > 0) this.#forget(gone);
    const kept = items.filter((item) => !gone.has(item));
    for (const item of kept) this.#addNeighbours(item, kept);
    this.#weight *= this.#growth;
    if (this.#weight > weightMax) this.#scale(1 / this.#weight);
  }

  /** What goes best with the items of a basket, without these: at most `count`, the best first. */
  recommend(basket: readonly string[], count = 10): readonly Recommendation[] {
    const items = this.#distinct(basket);
    const scores = new Map<string, number>();
    for (const item of items)
      for (const [other, both] of this.#neighbours.get(item)?.entries() ?? []) {
        if (items.includes(other)) continue;
        const score = this.#scoreOf(item, other, both);
        if (score > 0) scores.set(other, (scores.get(other) ?? 0) + score);
      }
    return [...scores]
      .map(([item, score]) => ({ item, score }))
      .sort((a, b) => b.score - a.score || (a.item < b.item ? -1 : 1))
      .slice(0, count);
  }

  save(): LearnerState {
    const names = [...this.#items.entries()];
    const places = new Map(names.map(([name], place) => [name, place]));
    const pairs = names.map(([name]) => [...(this.#neighbours.get(name)?.entries() ?? [])]);
    return {
      all: this.#all,
      weight: this.#weight,
      names: JSON.stringify(names.map(([name]) => name)),
      weights: Float64Array.from(names, ([, weight]) => weight),
      counts: pairs.map((entries) => entries.length),
      others: pairs.flatMap((entries) => entries.map(([other]) => places.get(other)!)),
      boths: Float64Array.from(pairs.flatMap((entries) => entries.map(([, both]) => both))),
    };
  }

  #restorePairs(state: LearnerState, names: readonly string[]): void {
    const others = state.others as readonly number[];
    const boths = state.boths as Float64Array;
    let at = 0;
    for (const [place, count] of (state.counts as readonly number[]).entries()) {
      const entries = others
        .slice(at, at + count)
        .map((other, i) => [names[other]!, boths[at + i]!] as const);
      if (count > 0)
        this.#neighbours.set(names[place]!, new WeightedItems(this.#hyper.neighboursMax, entries));
      at += count;
    }
  }

  #distinct(basket: readonly string[]): readonly string[] {
    return [...new Set(basket)].slice(0, this.#hyper.basketItemsMax);
  }

  /** Also as neighbours, or they would come back with what they once weighed. */
  #forget(gone: ReadonlySet<string>): void {
    for (const item of gone) this.#neighbours.delete(item);
    for (const neighbours of this.#neighbours.values()) neighbours.forget(gone);
  }

  #addNeighbours(item: string, items: readonly string[]): void {
    let neighbours = this.#neighbours.get(item);
    if (neighbours === undefined) {
      neighbours = new WeightedItems(this.#hyper.neighboursMax);
      this.#neighbours.set(item, neighbours);
    }
    for (const other of items) if (other !== item) neighbours.add(other, this.#weight);
  }

  #scoreOf(item: string, other: string, both: number): number {
    const [one, another] = [this.#items.of(item), this.#items.of(other)];
    // In weights of the newest basket, which counts as 1.
    const unit = this.#weight / this.#growth;
    if (both < this.#hyper.minBoth * unit) return 0;
    const weights = { all: this.#all, one, other: another, both };
    const score = pairScores[this.#hyper.score](weights);
    return this.#hyper.score === "count" ? score / unit : score;
  }

  #scale(factor: number): void {
    this.#all *= factor;
    this.#weight *= factor;
    this.#items.scale(factor);
    for (const neighbours of this.#neighbours.values()) neighbours.scale(factor);
  }
}

const hyper: Rules<CoOccurrenceHyper> = {
  score: oneOf(...Object.keys(pairScores)),
  halfLife: between(0, 1e12),
  minBoth: between(0, 1e12),
  itemsMax: whole(1, 10_000_000),
  neighboursMax: whole(1, 100_000),
  basketItemsMax: whole(2, 10_000),
};

/** What goes together, from baskets of items (Linden, Smith and York, 2003). */
export const coOccurrence = {
  name: "co-occurrence",
  hyper,
  defaults: {
    score: "cosine",
    halfLife: 0,
    minBoth: 2,
    itemsMax: 10_000,
    neighboursMax: 100,
    basketItemsMax: 100,
  } as CoOccurrenceHyper,
  /** A new learner, or the one that was saved as `state`. */
  open: (given: CoOccurrenceHyper, state?: LearnerState): CoOccurrence =>
    new CoOccurrence(given, state),
} as const;
