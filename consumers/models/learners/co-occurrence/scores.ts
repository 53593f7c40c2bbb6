/** Weights of baskets: all, those with the one item, with the other, with both. */
export interface PairWeights {
  readonly all: number;
  readonly one: number;
  readonly other: number;
  readonly both: number;
}

/**
 * How strongly two items go together. `count`: baskets with both. `confidence`: the share of the one's baskets
 * that have the other. `lift`: how many times more often together than by chance (Brin, Motwani, Ullman and Tsur, "Dynamic
 * itemset counting", 1997). `jaccard`: baskets with both among those with either. `cosine`: both by
 * the geometric mean of either (Linden, Smith and York, "Amazon.com recommendations", 2003).
 */
export const pairScores = {
  count: ({ both }) => both,
  confidence: ({ both, one }) => both / one,
  lift: ({ all, one, other, both }) => (both * all) / (one * other),
  jaccard: ({ one, other, both }) => both / (one + other - both),
  cosine: ({ one, other, both }) => both / Math.sqrt(one * other),
} as const satisfies Record<string, (weights: PairWeights) => number>;

export type PairScore = keyof typeof pairScores;
