/** Offsets from `from` up to before `to`. */
export interface OffsetRange {
  readonly from: number;
  readonly to: number;
}

/** The parts of `range` that lie in one of `ranges`, and the parts that lie in none, in order. */
export function splitRange(
  range: OffsetRange,
  ranges: readonly OffsetRange[],
): { readonly inside: readonly OffsetRange[]; readonly outside: readonly OffsetRange[] } {
  const inside: OffsetRange[] = [];
  const outside: OffsetRange[] = [];
  let at = range.from;
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const part = { from: Math.max(from, at), to: Math.min(to, range.to) };
    if (part.from >= part.to) continue;
    if (at < part.from) outside.push({ from: at, to: part.from });
    inside.push(part);
    at = part.to;
  }
  if (at < range.to) outside.push({ from: at, to: range.to });
  return { inside, outside };
}
