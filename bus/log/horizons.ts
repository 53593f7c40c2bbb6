import { patternsIntersect, subsumes } from "../../schemas/pattern.js";

/** Events of topics that `pattern` matches were removed below the offset `first`. */
export interface Horizon {
  readonly pattern: string;
  readonly first: number;
}

/** Up to where pattern retention has removed events: one horizon a pattern. */
export class Horizons {
  readonly #byPattern = new Map<string, { first: number; version: number }>();
  #version = 0;

  constructor(horizons: readonly Horizon[] = []) {
    for (const horizon of horizons) this.raise(horizon);
  }

  /** Grows whenever a horizon is raised. */
  get version(): number {
    return this.#version;
  }

  list(): Horizon[] {
    return [...this.#byPattern].map(([pattern, { first }]) => ({ pattern, first }));
  }

  raise({ pattern, first }: Horizon): void {
    const old = this.#byPattern.get(pattern);
    if (old !== undefined && old.first >= first) return;
    this.#byPattern.set(pattern, { first, version: ++this.#version });
  }

  /** Forgets horizons that the log's own first offset has passed. */
  dropBefore(first: number): void {
    for (const [pattern, horizon] of this.#byPattern)
      if (horizon.first <= first) this.#byPattern.delete(pattern);
  }

  /**
   * The horizon below which nothing at all is left for a reader of `patterns`, because every one
   * of them lies inside a trimmed pattern; 0 if there is none.
   */
  firstOf(patterns: readonly string[] | undefined): number {
    if (this.#byPattern.size === 0 || !patterns?.length) return 0;
    return Math.min(...patterns.map((pattern) => this.#coveredUpTo(pattern)));
  }

  /** A horizon above `offset` raised after `version` that takes events from such a reader. */
  raisedSince(
    version: number,
    patterns: readonly string[] | undefined,
    offset: number,
  ): Horizon | undefined {
    for (const [pattern, horizon] of this.#byPattern) {
      if (horizon.version <= version || horizon.first <= offset) continue;
      if (!patterns?.length || patterns.some((one) => patternsIntersect(one, pattern)))
        return { pattern, first: horizon.first };
    }
    return undefined;
  }

  #coveredUpTo(wanted: string): number {
    let highest = 0;
    for (const [pattern, { first }] of this.#byPattern)
      if (first > highest && subsumes(pattern, wanted)) highest = first;
    return highest;
  }
}
