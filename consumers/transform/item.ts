import type { BusEvent } from "../../bus/index.js";
import type { Context } from "../plugin/context.js";

/** An event to publish. */
export interface Output {
  readonly topic: string;
  readonly msg: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Named in `headers.cause`. */
  readonly key?: string;
}

/** What goes through the steps of a pipe: at first the event, at last what is published. */
export interface Item extends Output {
  /** The event that it was made of. */
  readonly event: BusEvent;
}

type Items = Item | readonly Item[] | undefined;

/** Makes of an item another, several, or none. It changes nothing of what it is given. */
export type StepFunction<Config = unknown> = (
  item: Item,
  context: Context<Config>,
) => Items | Promise<Items>;

/** One step of a pipe. */
export interface Step<Config = unknown> {
  readonly run: StepFunction<Config>;
  /** The table that the step keeps its state in: no two steps of a pipe may have the same. */
  readonly table?: string;
}
