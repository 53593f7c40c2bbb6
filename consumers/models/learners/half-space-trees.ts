import { type Rules, whole } from "../../plugin/option-rules.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";
import { EnsembleNode } from "../trees/ensemble-node.js";
import { HalfSpaces } from "./half-spaces.js";
import type {
  LabelledRows,
  LearnerState,
  OnlineKind,
  OnlineLearner,
  Rows,
  Shape,
} from "./learner.js";
import { countIn, vectorIn } from "./network/network-state.js";

/** How many half-space trees, how deep, and how many rows are compared with. */
export interface HalfSpaceHyper {
  readonly trees: number;
  readonly depth: number;
  /** Rows after which those that were counted become those that new rows are compared with. */
  readonly window: number;
}

/** A node with fewer of the window's rows than this share is not looked into further (the paper's size limit). */
const fewShare = 0.1;

/**
 * How unusual rows are, from 0 to 1, by half-space trees (Tan, Ting and Liu, "Fast anomaly detection for
 * streaming data", 2011): trees that halve the space at random, and count how many rows of the last window
 * each part held. A row in a part that held few is unusual. The score is 1 less the mass that the paper adds up
 * (rows × 2^depth), both in logarithms, as a share of the most that there can be. It is 0 until a window is full.
 */
class HalfSpaceTrees implements OnlineLearner {
  readonly task = "anomaly";
  readonly outputs = 1;
  readonly stepRows = 1;
  readonly #spaces: HalfSpaces;
  readonly #hyper: HalfSpaceHyper;
  /** Rows of the last full window in each node, and of the one that fills. */
  #reference: Float64Array;
  #latest: Float64Array;
  #seen: number;
  #ready: boolean;
  readonly #row: Float32Array;

  constructor({ width, seed }: Shape, hyper: HalfSpaceHyper, state?: LearnerState) {
    this.#hyper = hyper;
    this.#spaces = new HalfSpaces(width, hyper.trees, hyper.depth, seed);
    const { nodes } = this.#spaces;
    const none = new Float32Array(nodes);
    this.#reference = Float64Array.from(state ? vectorIn(state, "reference", none) : none);
    this.#latest = Float64Array.from(state ? vectorIn(state, "latest", none) : none);
    this.#seen = state ? countIn(state, "seen") : 0;
    this.#ready = state?.ready === true;
    this.#row = new Float32Array(width);
  }

  predict(rows: Rows): Float64Array {
    const scores = new Float64Array(rows.count);
    if (!this.#ready) return scores;
    for (let row = 0; row < rows.count; row++) {
      this.#take(rows, row);
      const mass = this.#spaces.mass(this.#row, this.#reference, this.#few);
      scores[row] = 1 - Math.log(1 + mass) / Math.log(1 + this.#massMax);
    }
    return scores;
  }

  learn(rows: LabelledRows): void {
    for (let row = 0; row < rows.count; row++) {
      this.#take(rows, row);
      this.#spaces.count(this.#row, this.#latest);
      if (++this.#seen === this.#hyper.window) this.#turn();
    }
  }

  /** Counts are whole numbers that single precision holds exactly. */
  save(): LearnerState {
    return {
      reference: Float32Array.from(this.#reference),
      latest: Float32Array.from(this.#latest),
      seen: this.#seen,
      ready: this.#ready,
    };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const ensemble = new EnsembleNode();
    for (let tree = 0; tree < this.#hyper.trees; tree++) this.#export(ensemble, tree, 0, 0);
    // Before there is anything to compare with, nothing is unusual.
    const mass = ensemble.addTo(graph, input, [this.#ready ? 0 : this.#massMax]);
    const scalar = (value: number) => graph.constant([], Float32Array.of(value));
    const logarithm = graph.node("Log", [graph.node("Add", [mass, scalar(1)])]);
    const share = graph.node("Div", [logarithm, scalar(Math.log(1 + this.#massMax))]);
    return graph.node("Sub", [scalar(1), share]);
  }

  /** What all trees add up to where all rows of the window are in the same deepest part. */
  get #massMax(): number {
    const { trees, depth, window } = this.#hyper;
    return trees * window * 2 ** depth;
  }

  get #few(): number {
    return this.#hyper.window * fewShare;
  }

  #take(rows: Rows, row: number): void {
    for (let c = 0; c < rows.width; c++) this.#row[c] = rows.values[row * rows.width + c]!;
  }

  #turn(): void {
    const emptied = this.#reference.fill(0);
    this.#reference = this.#latest;
    this.#latest = emptied;
    this.#seen = 0;
    this.#ready = true;
  }

  #looksInto(tree: number, node: number, depth: number): boolean {
    return depth < this.#hyper.depth && this.#reference[this.#spaces.at(tree, node)]! > this.#few;
  }

  #massOf(tree: number, node: number, depth: number): number {
    return this.#reference[this.#spaces.at(tree, node)]! * 2 ** depth;
  }

  /** A tree down to where its mass is taken. */
  #export(ensemble: EnsembleNode, tree: number, node: number, depth: number): void {
    if (!this.#looksInto(tree, node, depth)) {
      ensemble.leaf(tree, node, 0, this.#massOf(tree, node, depth));
      return;
    }
    const left = 2 * node + 1;
    ensemble.branch(tree, node, { ...this.#spaces.split(tree, node), left, right: left + 1 });
    this.#export(ensemble, tree, left, depth + 1);
    this.#export(ensemble, tree, left + 1, depth + 1);
  }
}

const hyper: Rules<HalfSpaceHyper> = {
  trees: whole(1, 1_000),
  depth: whole(1, 15),
  window: whole(2, 1_000_000),
};

/** How unusual rows are, one row at a time, by half-space trees (Tan, Ting and Liu, 2011). */
export const halfSpaceTrees: OnlineKind<HalfSpaceHyper> = {
  name: "half-space-trees",
  tasks: ["anomaly"],
  scaled: true,
  hyper,
  defaults: { trees: 25, depth: 8, window: 250 },
  open: (shape, given, state) => new HalfSpaceTrees(shape, given, state),
};
