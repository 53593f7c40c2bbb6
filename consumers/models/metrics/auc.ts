/**
 * The area under the ROC curve: the chance that a positive scores above a negative, ties counting half. Exact.
 * Null where there are not both. Sorts the arrays that it is given.
 */
export function exactAuc(positives: Float64Array, negatives: Float64Array): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  positives.sort();
  negatives.sort();
  let below = 0;
  let through = 0;
  let wins = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below]! < score) below++;
    through = Math.max(through, below);
    while (through < negatives.length && negatives[through]! === score) through++;
    wins += below + (through - below) / 2;
  }
  return wins / (positives.length * negatives.length);
}

/** Bins of probabilities that an area over all of a stream is counted in. */
export const aucBins = 512;

/** The same from counts by bin, `aucBins` of each: those that share a bin count as ties. */
export function binnedAuc(positives: Float64Array, negatives: Float64Array): number | null {
  let wins = 0;
  let below = 0;
  let total = 0;
  for (let bin = 0; bin < aucBins; bin++) {
    wins += positives[bin]! * (below + negatives[bin]! / 2);
    below += negatives[bin]!;
    total += positives[bin]!;
  }
  return total === 0 || below === 0 ? null : wins / (total * below);
}
