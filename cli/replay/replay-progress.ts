import type { ReplayProgress } from "../../replay/index.js";
import type { Context } from "../context.js";
import { showCount } from "../render/amounts.js";
import { type Progress, startProgress } from "../render/progress.js";

/** Shows how far a replay is; begun with the first thing that it tells. */
export class ReplayBar {
  readonly #context: Context;
  readonly #what: string;
  #bar: Progress | undefined;

  constructor(context: Context, what: string) {
    this.#context = context;
    this.#what = what;
  }

  readonly tell = ({ next, from, to, eventsPerSecond, leftMs }: ReplayProgress): void => {
    this.#bar ??= startProgress(this.#context, this.#what, to - from);
    const left = leftMs === undefined ? "" : `, ${showLeft(leftMs)} left`;
    this.#bar.update(next - from, `${showCount(Math.round(eventsPerSecond))} events/s${left}`);
  };

  stop(): void {
    this.#bar?.stop();
  }
}

function showLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
