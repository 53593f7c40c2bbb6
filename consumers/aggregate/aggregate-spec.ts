import type { BusEvent } from "../../bus/index.js";
import type { Field } from "../field.js";
import type { OnFailure } from "../plugin/consumer.js";
import type { Accumulator } from "./accumulators/accumulator.js";
import type { Emission } from "./emission.js";
import type { OutputOf } from "./outlet.js";
import type { Window } from "./window-kinds.js";

/** What `aggregate` takes. docs/windows.md says what each of it means, exactly. */
export interface AggregateSpec<Config = unknown> {
  /** `[a-z0-9-]+`, at most 64 characters. */
  readonly name: string;
  /** Default "0". */
  readonly version?: string;
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** JSON Schema of the configuration, an object. Default: there is none to give. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * What events are divided by: a path whose value is a string or number, or a function. An event without a
   * key is left out. Default: all events together.
   */
  readonly key?: string | ((event: BusEvent, config: Config) => string | number | undefined);
  /** An event's own time, ms since 1970. Fractions are dropped. Default: its `timestamp`. */
  readonly time?: Field<number>;
  readonly window: Window;
  /** How far an event may come behind a later one. Default 0. */
  readonly outOfOrderMs?: number;
  /** After so much of the log's time without an event, event time goes on with the log's. Default 60,000. */
  readonly idleMs?: number;
  /** Whether event time goes on for the stream as a whole, or for each key alone. Default `stream`. */
  readonly watermark?: "stream" | "key";
  /** For so long after its close a window takes late events and is published again. Default 0. */
  readonly allowedLatenessMs?: number;
  /** By key: a key without windows is forgotten, its watermark with it, after so much of the log's time. Default 7 days. */
  readonly forgetMs?: number;
  /**
   * The topic of events that came too late; `false` drops them. Default: the output's with `.late` after it; where
   * `output` is a function, they are dropped.
   */
  readonly late?: string | false;
  /** Default `close`. */
  readonly emit?: Emission;
  /** What a window gathers, by the names that it has in the result. */
  readonly accumulators: Readonly<Record<string, Accumulator>>;
  /** The topic of the results, or a function that makes events of each. */
  readonly output: OutputOf<Config>;
  /** Default "dead-letter". */
  readonly onFailure?: OnFailure;
  /** Default 5. */
  readonly attemptsMax?: number;
}
