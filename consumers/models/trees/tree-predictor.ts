import type { LearnerState, Predictor, Rows, Task } from "../learners/learner.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";
import { TreeEnsemble } from "./ensemble.js";
import { addLink, applyLink, type Link } from "./links.js";

/** Trees, and what makes answers of their scores. */
export class TreePredictor implements Predictor {
  readonly task: Task;
  readonly ensemble: TreeEnsemble;
  readonly #link: Link;

  constructor(task: Task, ensemble: TreeEnsemble, link: Link) {
    this.task = task;
    this.ensemble = ensemble;
    this.#link = link;
  }

  /** The predictor that `save` stored. */
  static restore(state: LearnerState, task: Task): TreePredictor {
    return new TreePredictor(task, TreeEnsemble.restore(state), state.link as Link);
  }

  get outputs(): number {
    return this.ensemble.width;
  }

  predict(rows: Rows): Float64Array {
    return applyLink(this.#link, this.ensemble.scores(rows), this.outputs);
  }

  save(): LearnerState {
    return { link: this.#link, ...this.ensemble.save() };
  }

  addTo(graph: GraphBuilder, input: string): string {
    return addLink(graph, this.#link, this.ensemble.addTo(graph, input));
  }
}
