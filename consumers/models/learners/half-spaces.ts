import { SeededRandom } from "../../runner/random.js";

/** Sets these random numbers apart from others of the same seed. */
const salt = 0x68737472;

/** Standardised values further from 0 than this are no different from those just beyond it. */
const reach = 3;

/**
 * Full binary trees of which each node halves the range of a column drawn at random. A tree's ranges reach from
 * a point drawn at random to twice its distance from the end of the values' range, both ways, as in the paper. The children of
 * node n of a tree are 2n + 1 and 2n + 2.
 */
export class HalfSpaces {
  /** Nodes of all trees. */
  readonly nodes: number;
  readonly #depth: number;
  readonly #perTree: number;
  readonly #features: Int32Array;
  readonly #thresholds: Float32Array;

  constructor(width: number, trees: number, depth: number, seed: number) {
    this.#depth = depth;
    this.#perTree = 2 ** (depth + 1) - 1;
    this.nodes = trees * this.#perTree;
    this.#features = new Int32Array(this.nodes);
    this.#thresholds = new Float32Array(this.nodes);
    const random = new SeededRandom();
    random.seed(seed, salt);
    for (let tree = 0; tree < trees; tree++)
      this.#halve(tree, 0, 0, rangesOf(width, random), random);
  }

  /** Where a node of a tree stands among the nodes of all trees. */
  at(tree: number, node: number): number {
    return tree * this.#perTree + node;
  }

  /** Adds the row to all parts that it lies in. */
  count(row: Float32Array, counts: Float64Array): void {
    const features = this.#features;
    const thresholds = this.#thresholds;
    const inner = this.#perTree >> 1;
    for (let root = 0; root < this.nodes; root += this.#perTree) {
      let node = 0;
      while (node < inner) {
        const at = root + node;
        counts[at]! += 1;
        node = 2 * node + (row[features[at]!]! > thresholds[at]! ? 2 : 1);
      }
      counts[root + node]! += 1;
    }
  }

  /**
   * The masses of the parts that the row lies in, `counts` × 2^depth, added up over all trees: in each, of the
   * deepest part, or the first one that has no more than `few`.
   */
  mass(row: Float32Array, counts: Float64Array, few: number): number {
    const features = this.#features;
    const thresholds = this.#thresholds;
    const inner = this.#perTree >> 1;
    let mass = 0;
    for (let root = 0; root < this.nodes; root += this.#perTree) {
      let node = 0;
      let scale = 1;
      for (; node < inner && counts[root + node]! > few; scale *= 2) {
        const at = root + node;
        node = 2 * node + (row[features[at]!]! > thresholds[at]! ? 2 : 1);
      }
      mass += counts[root + node]! * scale;
    }
    return mass;
  }

  split(tree: number, node: number): { feature: number; threshold: number } {
    const at = this.at(tree, node);
    return { feature: this.#features[at]!, threshold: this.#thresholds[at]! };
  }

  /** `ranges`: lower and upper end of each column. */
  #halve(
    tree: number,
    node: number,
    depth: number,
    ranges: Float64Array,
    random: SeededRandom,
  ): void {
    if (depth === this.#depth) return;
    const feature = Math.floor((random.next() * ranges.length) / 2);
    const middle = (ranges[2 * feature]! + ranges[2 * feature + 1]!) / 2;
    this.#features[this.at(tree, node)] = feature;
    this.#thresholds[this.at(tree, node)] = middle;
    const left = ranges.slice();
    left[2 * feature + 1] = middle;
    this.#halve(tree, 2 * node + 1, depth + 1, left, random);
    const right = ranges.slice();
    right[2 * feature] = middle;
    this.#halve(tree, 2 * node + 2, depth + 1, right, random);
  }
}

function rangesOf(width: number, random: SeededRandom): Float64Array {
  const ranges = new Float64Array(2 * width);
  for (let c = 0; c < width; c++) {
    const point = random.next();
    const radius = 2 * Math.max(point, 1 - point);
    ranges[2 * c] = (2 * (point - radius) - 1) * reach;
    ranges[2 * c + 1] = (2 * (point + radius) - 1) * reach;
  }
  return ranges;
}
