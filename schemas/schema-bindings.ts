import { PatternMap } from "./pattern-map.js";
import type { SchemaDefinition } from "./schema-definition.js";
import { isReserved } from "./topic.js";

/** A version of a schema, without what it says. */
export interface SchemaVersion {
  readonly name: string;
  readonly version: number;
}

/** Which topics are bound to which schema: those of the latest version of each name. */
export class SchemaBindings {
  readonly #latest = new Map<string, SchemaVersion & Pick<SchemaDefinition, "topics">>();
  readonly #byTopic = new PatternMap<string>();

  /** The name that a pattern is bound to. */
  holderOf(pattern: string): string | undefined {
    return this.#byTopic.get(pattern);
  }

  latest(name: string): SchemaVersion | undefined {
    return this.#latest.get(name);
  }

  /** Binds a version, in place of those before it; one that comes too late binds nothing. */
  bind({ name, version, topics }: SchemaVersion & Pick<SchemaDefinition, "topics">): void {
    const before = this.#latest.get(name);
    if (before !== undefined && before.version > version) return;
    for (const pattern of before?.topics ?? []) this.#byTopic.delete(pattern);
    for (const pattern of topics) this.#byTopic.set(pattern, name);
    this.#latest.set(name, { name, version, topics });
  }

  /** The latest version of the schema with the most specific pattern for `topic`. */
  forTopic(topic: string): SchemaVersion | undefined {
    if (isReserved(topic)) return undefined;
    const name = this.#byTopic.matches(topic)[0];
    return name === undefined ? undefined : this.#latest.get(name);
  }
}
