import { notLogged } from "../outputs/logged-outputs.js";
import type { Output } from "../outputs/output.js";
import { type FieldDifference, fieldDifferences } from "./field-diff.js";
import type { Pair } from "./pair.js";
import type { Difference, Histogram, Totals } from "./report.js";

/** Names that a histogram tells apart, at most; the rest count together. */
const namesMax = 500;
const others = "(others)";

class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    const known = this.#counts.get(name);
    if (known !== undefined) this.#counts.set(name, known + 1);
    else if (this.#counts.size < namesMax) this.#counts.set(name, 1);
    else this.#counts.set(others, (this.#counts.get(others) ?? 0) + 1);
  }

  get histogram(): Histogram {
    return [...this.#counts]
      .map(([name, count]) => ({ name, count }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  }
}

/** Counts differences, and keeps the first ones of each kind. */
export class Tally {
  readonly #limit: number;
  readonly #ignored: readonly RegExp[];
  readonly #totals: { -readonly [K in keyof Totals]: Totals[K] } = {
    same: 0,
    added: 0,
    dropped: 0,
    changed: 0,
  };
  readonly #fields = new Counts();
  readonly #topics = new Counts();
  readonly #differences: Difference[] = [];

  /** Keeps `limit` differences of each kind. */
  constructor(limit: number, ignored: readonly RegExp[]) {
    this.#limit = limit;
    this.#ignored = ignored;
  }

  /** The kind of the pair, which is counted. */
  count(pair: Pair): "same" | Difference["kind"] {
    const { old, fresh } = pair;
    if (old === undefined) return this.#differ("added", pair, []);
    if (fresh === undefined) return this.#differ("dropped", pair, []);
    const fields = fieldDifferences(old, fresh, this.#ignored);
    if (fields.length > 0) return this.#differ("changed", pair, fields);
    this.#totals.same++;
    return "same";
  }

  get result() {
    return {
      totals: { ...this.#totals },
      fields: this.#fields.histogram,
      topics: this.#topics.histogram,
      differences: this.#differences,
    };
  }

  #differ(
    kind: Difference["kind"],
    pair: Pair,
    fields: readonly FieldDifference[],
  ): Difference["kind"] {
    this.#totals[kind]++;
    const { envelope } = (pair.fresh ?? pair.old)!;
    this.#topics.add(envelope.topic);
    for (const path of new Set(fields.map((field) => withoutIndexes(field.path))))
      this.#fields.add(path);
    if (this.#totals[kind] <= this.#limit) this.#differences.push(differenceOf(kind, pair, fields));
    return kind;
  }
}

function withoutIndexes(path: string): string {
  return path.replace(/\/\d+(?=\/|$)/g, "/*");
}

function differenceOf(
  kind: Difference["kind"],
  { old, fresh }: Pair,
  fields: readonly FieldDifference[],
): Difference {
  const { cause, envelope } = (fresh ?? old) as Output;
  const { offset, key, window } = cause;
  return {
    kind,
    topic: envelope.topic,
    cause: { offset, ...(key !== undefined && { key }), ...(window !== undefined && { window }) },
    ...((old?.offset ?? notLogged) !== notLogged && { offset: old!.offset! }),
    ...(old !== undefined && { old: old.envelope.msg }),
    ...(fresh !== undefined && { new: fresh.envelope.msg }),
    fields,
  };
}
