import { identityOf, type Output } from "../outputs/output.js";

/** Two outputs that stand for the same, or one that has no counterpart. */
export interface Pair<Old extends Output = Output> {
  readonly old?: Old;
  readonly fresh?: Output;
}

/**
 * Aligns the outputs of one cause: by topic, key and window, and among those in their order. New
 * ones come first, in their order, then old ones that are no more.
 */
export function pairsOf<Old extends Output>(
  olds: readonly Old[],
  news: readonly Output[],
): readonly Pair<Old>[] {
  if (olds.length === 1 && news.length === 1 && identityOf(olds[0]!) === identityOf(news[0]!))
    return [{ old: olds[0]!, fresh: news[0]! }];
  const waiting = new Map<string, Old[]>();
  for (const old of olds) {
    const id = identityOf(old);
    const same = waiting.get(id);
    if (same === undefined) waiting.set(id, [old]);
    else same.push(old);
  }
  // Reversed, so that taking the first is a pop.
  for (const same of waiting.values()) same.reverse();
  const pairs: Pair<Old>[] = news.map((fresh) => {
    const old = waiting.get(identityOf(fresh))?.pop();
    return old === undefined ? { fresh } : { old, fresh };
  });
  const left = new Set([...waiting.values()].flat());
  for (const old of olds) if (left.has(old)) pairs.push({ old });
  return pairs;
}
