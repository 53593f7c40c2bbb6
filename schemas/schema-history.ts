import type { SchemaListing } from "./registry.js";
import { SchemaBindings, type SchemaVersion } from "./schema-bindings.js";

type Registered = Pick<SchemaListing, "name" | "version" | "topics" | "since">;

/** Which version of which schema held where in the log. */
export class SchemaHistory {
  /** By where they came into force. */
  readonly #registered: Registered[] = [];
  #bindings = new SchemaBindings();
  /** How many are bound in `#bindings`. */
  #bound = 0;
  #byTopic = new Map<string, SchemaVersion | undefined>();

  constructor(listings: readonly Registered[]) {
    this.#registered.push(...listings);
    this.#registered.sort((a, b) => sinceOf(a) - sinceOf(b));
  }

  /** A version that has come since. */
  add(registered: Registered): void {
    const at = this.#registered.findLastIndex((one) => sinceOf(one) <= sinceOf(registered)) + 1;
    this.#registered.splice(at, 0, registered);
    if (at < this.#bound) this.#forget();
  }

  /** The schema that an event on `topic` at `offset` was checked by, unless it named another. */
  at(offset: number, topic: string): SchemaVersion | undefined {
    this.#moveTo(offset);
    if (!this.#byTopic.has(topic)) this.#byTopic.set(topic, this.#bindings.forTopic(topic));
    return this.#byTopic.get(topic);
  }

  /** The version of `name` that held at `offset`. */
  versionAt(offset: number, name: string): SchemaVersion | undefined {
    this.#moveTo(offset);
    return this.#bindings.latest(name);
  }

  /** The latest version of each name at `offset`, by name. */
  all(offset: number): SchemaVersion[] {
    this.#moveTo(offset);
    const names = new Set(this.#registered.slice(0, this.#bound).map(({ name }) => name));
    return [...names].sort().flatMap((name) => this.#bindings.latest(name) ?? []);
  }

  /**
   * The version that an event was written under. `named` is its `headers.schema`: a name, whose latest
   * version is meant, or `name@version`.
   */
  of(offset: number, topic: string, named: unknown): SchemaVersion | undefined {
    if (typeof named !== "string") return this.at(offset, topic);
    const [name = "", version] = named.split("@");
    return version === undefined
      ? this.versionAt(offset, name)
      : { name, version: Number(version) };
  }

  #forget(): void {
    this.#bindings = new SchemaBindings();
    this.#bound = 0;
    this.#byTopic.clear();
  }

  #moveTo(offset: number): void {
    const last = this.#registered[this.#bound - 1];
    if (last !== undefined && sinceOf(last) >= offset) this.#forget();
    for (let next = this.#registered[this.#bound]; next !== undefined && sinceOf(next) < offset; ) {
      this.#bindings.bind(next);
      this.#byTopic.clear();
      next = this.#registered[++this.#bound];
    }
  }
}

function sinceOf({ since }: Registered): number {
  return since ?? 0;
}
