/** How good scores are: the area under the ROC curve of `{ score, label }`, ties counted half (Mann and Whitney, 1947). */
export function aucOf(cases) {
  const sorted = cases.toSorted((a, b) => a.score - b.score);
  let ranks = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to].score === sorted[from].score) to++;
    const positives = sorted.slice(from, to).filter(({ label }) => label).length;
    ranks += (positives * (from + 1 + to)) / 2;
    from = to;
  }
  const positives = cases.filter(({ label }) => label).length;
  const others = cases.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * others);
}

/** The share of what is to be found among the `count` highest scores. */
export function precisionAt(count, cases) {
  const best = cases.toSorted((a, b) => b.score - a.score).slice(0, count);
  return best.filter(({ label }) => label).length / best.length;
}
