import type { Envelope } from "../../schemas/index.js";

/** An example: what it says in its README, and what it publishes. */
export interface Example {
  readonly dir: string;
  /** The commands that its README says to run. */
  readonly commands: string;
  /** Its plugins, in the order in which they are run. */
  readonly plugins: readonly string[];
  /** The lines of output that its README shows. */
  readonly shown: readonly string[];
}

/** What an example came to. */
export interface Outcome {
  /** The events that its publisher printed. */
  readonly input: readonly Envelope[];
  /** The bodies of the events on a topic, in the log's order. */
  bodies<Body>(topic: string): readonly Body[];
  /** A table of one of its consumers. */
  table<Value>(consumer: string, table?: string): Promise<ReadonlyMap<string, Value>>;
}
