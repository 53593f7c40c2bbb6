import type { BusEvent } from "../../bus/index.js";
import type { Context } from "../plugin/context.js";
import type { Folds, States } from "./folds.js";
import type { Interval, Timing, WindowResult } from "./window-result.js";

/** An event to publish. */
export interface AggregateOutput {
  readonly topic: string;
  readonly msg: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Where results go: a topic, or a function that makes events of them. */
export type OutputOf<Config = unknown> =
  | string
  | ((
      result: WindowResult,
      context: Context<Config>,
    ) => AggregateOutput | readonly AggregateOutput[] | undefined);

/** A result about to be published. */
export interface Closing extends Interval {
  readonly states: States;
  readonly timing: Timing;
  readonly revision: number;
  readonly replaces?: readonly Interval[] | undefined;
}

/** Publishes results and late events. */
export class Outlet {
  readonly #folds: Folds;
  readonly #output: OutputOf;
  readonly #lateTopic: string | undefined;
  readonly #keyed: boolean;

  constructor(folds: Folds, output: OutputOf, lateTopic: string | undefined, keyed: boolean) {
    this.#folds = folds;
    this.#output = output;
    this.#lateTopic = lateTopic;
    this.#keyed = keyed;
  }

  result(key: string, closing: Closing, context: Context): void {
    const { start, end, states, timing, revision, replaces } = closing;
    const window = { start, end };
    const body: Record<string, unknown> = this.#keyed
      ? { key, window, timing, revision }
      : { window, timing, revision };
    if (replaces !== undefined && replaces.length > 0) body.replaces = replaces;
    this.#folds.finish(states, body);
    const about = this.#keyed ? { key, window } : { window };
    if (typeof this.#output === "string") {
      context.emit(this.#output, body, about);
      return;
    }
    const made = this.#output(body as unknown as WindowResult, context);
    if (made === undefined) return;
    for (const { topic, msg, headers } of Array.isArray(made) ? made : [made])
      context.emit(topic, msg, headers === undefined ? about : { ...about, headers });
  }

  /** An event that came when results of `windows`, one or more, were final. */
  late(key: string, event: BusEvent, time: number, windows: readonly Interval[], context: Context) {
    if (this.#lateTopic === undefined) return;
    const { offset, topic, recordedAt, msg } = event;
    const about = this.#keyed ? { key, window: windows[0]! } : { window: windows[0]! };
    context.emit(
      this.#lateTopic,
      { ...(this.#keyed && { key }), windows, time, event: { offset, topic, recordedAt, msg } },
      about,
    );
  }
}
