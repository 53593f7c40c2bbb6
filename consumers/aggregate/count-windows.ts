import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { States } from "./folds.js";
import { Grid } from "./grid.js";
import type { Plan } from "./plan.js";
import type { CountWindow } from "./window-kinds.js";

/** Some events of a key, one after another. */
interface Run {
  readonly states: States;
  /** The least and the greatest event time. */
  first: number;
  last: number;
}

/** What is stored for a key. */
interface Counted {
  /** Events so far. */
  count: number;
  /** The latest panes, the last of them perhaps not full. */
  runs: Run[];
}

/** Windows of so many events: the log's order decides, so nothing is ever late. */
export class CountWindows implements Handlers {
  readonly #plan: Plan;
  /** Windows over the numbers of a key's events, from 0. */
  readonly #grid: Grid;

  constructor(plan: Plan, { size, slide }: CountWindow) {
    this.#plan = plan;
    this.#grid = new Grid(size, slide, 0);
  }

  handle(event: BusEvent, context: Context): void {
    const { keyOf, timeOf, folds } = this.#plan;
    const key = keyOf(event);
    if (key === undefined) return;
    const time = timeOf(event);
    const counted = (context.state.get(key) as Counted | undefined) ?? { count: 0, runs: [] };
    const { sizeMs: size, slideMs: slide, paneMs: pane } = this.#grid;
    const { runs } = counted;
    if (counted.count % pane === 0) runs.push({ states: folds.create(), first: time, last: time });
    const run = runs.at(-1)!;
    folds.add(run.states, event, time);
    if (time < run.first) run.first = time;
    if (time > run.last) run.last = time;
    counted.count++;
    if (counted.count >= size && (counted.count - size) % slide === 0) {
      this.#publish(key, runs, context);
      runs.splice(0, slide / pane);
    }
    context.state.put(key, counted);
  }

  /** What is kept is one window then: what came before it is gone. */
  #publish(key: string, runs: readonly Run[], context: Context): void {
    const { folds, outlet } = this.#plan;
    const states = folds.create();
    for (const run of runs) folds.merge(states, run.states);
    const start = Math.min(...runs.map(({ first }) => first));
    const end = Math.max(...runs.map(({ last }) => last)) + 1;
    outlet.result(key, { start, end, states, timing: "on-time", revision: 0 }, context);
  }
}
