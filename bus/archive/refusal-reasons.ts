import type { SchemaProblem } from "../../schemas/index.js";

/** A way in which stored events fail a schema. */
export interface ArchiveReason {
  /** JSON pointer into the body; `*` stands for every item of an array. */
  readonly pointer: string;
  readonly keyword: string;
  /** To follow the pointer: `must be >= 0`. */
  readonly expected: string;
  readonly count: number;
  /** The first few. */
  readonly offsets: readonly number[];
}

/** Reasons that are told apart, at most; offsets that are kept of each. */
export const reasonsMax = 100;
const offsetsMax = 5;

/** Counts refusals by where and why. */
export class RefusalReasons {
  readonly #reasons = new Map<string, ArchiveReason & { count: number; offsets: number[] }>();

  add({ pointer, keyword, expected }: SchemaProblem, offset: number): void {
    const place = pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*");
    const key = `${place} ${keyword} ${expected}`;
    const reason = this.#reasons.get(key) ?? this.#newReason(key, place, keyword, expected);
    reason.count++;
    if (reason.offsets.length < offsetsMax) reason.offsets.push(offset);
  }

  /** The most frequent first. */
  list(): ArchiveReason[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count);
  }

  #newReason(key: string, pointer: string, keyword: string, expected: string) {
    const isFull = this.#reasons.size >= reasonsMax;
    const others = { pointer: "", keyword: "", expected: "fails in other ways" };
    const reason = {
      ...(isFull ? others : { pointer, keyword, expected }),
      count: 0,
      offsets: [],
    };
    const at = isFull ? "" : key;
    const known = this.#reasons.get(at);
    if (known !== undefined) return known;
    this.#reasons.set(at, reason);
    return reason;
  }
}
