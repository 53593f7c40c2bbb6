import type { Envelope } from "./envelope.js";
import { FedbusError } from "./errors.js";
import { checkPattern } from "./pattern.js";
import { PatternMap } from "./pattern-map.js";

/** What an event says to people. */
export interface Description {
  /** What kind of thing happened. Default: the topic's end. */
  readonly title?: string;
  /** One sentence of what happened. */
  readonly subtitle?: string;
  /** Where more is to be seen: a URL. */
  readonly link?: string;
  /** A picture of what it came from: a URL. */
  readonly icon?: string;
  readonly users?: readonly string[];
  readonly packages?: readonly string[];
  /** What was touched, as paths: `repository/file`. */
  readonly objects?: readonly string[];
}

/** How events of a schema, or on some topics, are described: a pure function of the event. */
export interface Describer {
  /** Events on the topics that this schema is bound to. Else `topics` must be there. */
  readonly schema?: string;
  /** Events on topics that one of these patterns matches. */
  readonly topics?: string | readonly string[];
  readonly describe: (event: Envelope) => Description | undefined;
}

const brand = Symbol.for("fedbus.describers");

/** Describers, as a module exports them by default. */
export interface Describers {
  readonly [brand]: readonly Describer[];
}

/** Makes describers of hooks. Throws TypeError, PATTERN_INVALID. */
export function describe(...describers: readonly Describer[]): Describers {
  for (const { schema, topics, describe: hook } of describers) {
    if (typeof hook !== "function") throw new TypeError("describe: a describer has a function");
    if (schema === undefined && topics === undefined)
      throw new TypeError("describe: a describer names a schema or topics");
    for (const pattern of patternsOf(topics)) checkPattern(pattern);
  }
  return { [brand]: describers };
}

export function isDescribers(value: unknown): value is Describers {
  return typeof value === "object" && value !== null && brand in value;
}

/** Describers brought together. Of those that match a topic the most specific pattern's is asked. */
export class Descriptions {
  readonly #describers: readonly Describer[];
  #map = new PatternMap<Describer>();
  #failed = 0;
  #firstError: FedbusError | undefined;

  constructor(...modules: readonly Describers[]) {
    this.#describers = modules.flatMap((module) => module[brand]);
    this.bind([]);
  }

  /** How many events a describer has thrown at, and the first time. */
  get failures(): { readonly count: number; readonly first: FedbusError | undefined } {
    return { count: this.#failed, first: this.#firstError };
  }

  /** Finds out which topics the named schemas are bound to. */
  bind(schemas: readonly { readonly name: string; readonly topics: readonly string[] }[]): void {
    const map = new PatternMap<Describer>();
    for (const describer of this.#describers) {
      const bound = schemas.filter(({ name }) => name === describer.schema);
      for (const { topics } of bound) for (const topic of topics) map.set(topic, describer);
      for (const pattern of patternsOf(describer.topics)) map.set(pattern, describer);
    }
    this.#map = map;
  }

  /** Undefined where nobody describes the event, or its describer throws: that is no reason to hide the event. */
  of(event: Envelope): Description | undefined {
    const [describer] = this.#map.matches(event.topic);
    if (describer === undefined) return undefined;
    try {
      return describer.describe(event);
    } catch (cause) {
      this.#failed++;
      this.#firstError ??= new FedbusError(
        "PLUGIN_INVALID",
        `an event on ${event.topic} cannot be described: ${String(cause)}`,
        { cause },
      );
      return undefined;
    }
  }
}

function patternsOf(topics: string | readonly string[] | undefined): readonly string[] {
  if (topics === undefined) return [];
  return typeof topics === "string" ? [topics] : topics;
}
