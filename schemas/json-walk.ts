/**
 * How many members the objects in `value`, which is parsed JSON of little depth, have altogether. NaN
 * if there is anything that only the text can decide: a key that may be forbidden, or a number past
 * what an integer may be (which is fine for `1e300` and not for `9007199254740993`).
 */
export function countMembers(value: unknown): number {
  if (typeof value === "object") return value === null ? 0 : countInside(value);
  return typeof value === "number" && isDoubtful(value) ? Number.NaN : 0;
}

function countInside(value: object): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) count += countMembers(value[index]);
    return count;
  }
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) {
    if (key === "__proto__" || key === "constructor") return Number.NaN;
    const child = record[key];
    count++;
    if (typeof child === "object") {
      if (child !== null) count += countInside(child);
    } else if (typeof child === "number" && isDoubtful(child)) return Number.NaN;
  }
  return count;
}

function isDoubtful(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}
