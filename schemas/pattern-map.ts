import { checkPattern, segmentsOf } from "./pattern.js";
import { RecentCache } from "./recent-cache.js";

/** Topics whose matches a map remembers, at most. */
const rememberedTopicsMax = 8_192;

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  star?: Node<T>;
  /** The value of the pattern that ends here. */
  exact?: { readonly value: T };
  /** The value of the pattern that ends here with `#`. */
  rest?: { readonly value: T };
}

/**
 * Values by topic pattern. A lookup walks a trie, so its cost depends on the topic and not on how
 * many patterns there are; lately asked topics are answered from a bounded cache.
 */
export class PatternMap<T> {
  readonly #root: Node<T> = { literals: new Map() };
  readonly #remembered = new RecentCache<readonly T[]>(rememberedTopicsMax);
  #size = 0;

  /** How many patterns have a value. */
  get size(): number {
    return this.#size;
  }

  /** Sets the value of `pattern`, in place of an earlier one. Throws PATTERN_INVALID. */
  set(pattern: string, value: T): void {
    checkPattern(pattern);
    const { node, end } = this.#place(segmentsOf(pattern));
    if (node[end] === undefined) this.#size++;
    node[end] = { value };
    this.#remembered.clear();
  }

  /** Whether `pattern` had a value, which is gone now. Throws PATTERN_INVALID. */
  delete(pattern: string): boolean {
    checkPattern(pattern);
    const gone = remove(this.#root, segmentsOf(pattern), 0);
    if (gone) {
      this.#size--;
      this.#remembered.clear();
    }
    return gone;
  }

  /** The value set for exactly `pattern`. */
  get(pattern: string): T | undefined {
    const segments = segmentsOf(pattern);
    const end = segments.at(-1) === "#" ? "rest" : "exact";
    let node: Node<T> | undefined = this.#root;
    for (const segment of end === "rest" ? segments.slice(0, -1) : segments)
      node = segment === "*" ? node?.star : node?.literals.get(segment);
    return node?.[end]?.value;
  }

  /** Values of the patterns that match `topic`, the most specific pattern's first. */
  matches(topic: string): readonly T[] {
    let found = this.#remembered.get(topic);
    if (found === undefined) {
      const values: T[] = [];
      collect(this.#root, topic.split("."), 0, values);
      this.#remembered.set(topic, values);
      found = values;
    }
    return found;
  }

  #place(segments: readonly string[]): { node: Node<T>; end: "exact" | "rest" } {
    let node = this.#root;
    for (const segment of segments) {
      if (segment === "#") return { node, end: "rest" };
      let next = segment === "*" ? node.star : node.literals.get(segment);
      if (next === undefined) {
        next = { literals: new Map() };
        if (segment === "*") node.star = next;
        else node.literals.set(segment, next);
      }
      node = next;
    }
    return { node, end: "exact" };
  }
}

/** Going literal, then `*`, then `#` is the order of `compareSpecificity`. */
function collect<T>(node: Node<T>, segments: readonly string[], index: number, into: T[]): void {
  const segment = segments[index];
  if (segment === undefined) {
    if (node.exact !== undefined) into.push(node.exact.value);
  } else {
    const literal = node.literals.get(segment);
    if (literal !== undefined) collect(literal, segments, index + 1, into);
    if (node.star !== undefined) collect(node.star, segments, index + 1, into);
  }
  if (node.rest !== undefined) into.push(node.rest.value);
}

/** Takes the pattern's value away, and with it the branches that hold nothing any more. */
function remove<T>(node: Node<T>, segments: readonly string[], index: number): boolean {
  const segment = segments[index];
  if (segment === undefined || segment === "#") {
    const end = segment === undefined ? "exact" : "rest";
    const had = node[end] !== undefined;
    delete node[end];
    return had;
  }
  const next = segment === "*" ? node.star : node.literals.get(segment);
  if (next === undefined || !remove(next, segments, index + 1)) return false;
  if (isEmpty(next)) {
    if (segment === "*") delete node.star;
    else node.literals.delete(segment);
  }
  return true;
}

function isEmpty<T>(node: Node<T>): boolean {
  return !node.star && !node.exact && !node.rest && node.literals.size === 0;
}
