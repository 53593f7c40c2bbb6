import { canonicalPatterns } from "./pattern.js";
import { PatternMap } from "./pattern-map.js";

/** A set of patterns in canonical form, to test topics against. */
export class TopicFilter {
  /** The canonical patterns. */
  readonly patterns: readonly string[];
  /** The canonical patterns joined by `,`: equal for equal sets, however they were written. */
  readonly key: string;
  /** Whether every topic passes. */
  readonly matchesAll: boolean;
  readonly #map = new PatternMap<true>();

  private constructor(patterns: readonly string[]) {
    this.patterns = Object.freeze(canonicalPatterns(patterns));
    this.key = this.patterns.join(",");
    this.matchesAll = this.key === "#";
    for (const pattern of this.patterns) this.#map.set(pattern, true);
  }

  /** The filter for `patterns`; no pattern means every topic. Throws PATTERN_INVALID. */
  static of(patterns: string | readonly string[] = []): TopicFilter {
    return new TopicFilter(typeof patterns === "string" ? [patterns] : patterns);
  }

  /** Whether `topic` matches one of the patterns. */
  test(topic: string): boolean {
    return this.matchesAll || this.#map.matches(topic).length > 0;
  }
}
