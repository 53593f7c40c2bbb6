import { FedbusError } from "../../schemas/index.js";
import type { RangeOptions, Table } from "../plugin/table.js";
import { keyGroups } from "./key-group.js";
import { entryPrefix } from "./keys.js";
import { rangeOf } from "./range.js";
import type { Scope } from "./scope.js";
import type { StateStore } from "./state-store.js";

const nameGrammar = /^[a-z0-9-]{1,64}$/;
/** Bytes of a table's key, as UTF-16 length: LevelDB keeps keys in memory while it merges. */
const keyLengthMax = 4096;

/** A table of a store, seen from the key group that is being handled. */
export class StoredTable<Value = unknown> implements Table<Value> {
  readonly #store: StateStore;
  readonly #scope: Scope;
  /** By group. */
  readonly #prefixes: readonly string[];

  /** Throws STATE_INVALID for a name outside `[a-z0-9-]{1,64}`. */
  constructor(store: StateStore, scope: Scope, name: string) {
    if (!nameGrammar.test(name))
      throw new FedbusError("STATE_INVALID", `a table cannot be called ${JSON.stringify(name)}`);
    this.#store = store;
    this.#scope = scope;
    this.#prefixes = Array.from({ length: keyGroups }, (_, group) => entryPrefix(group, name));
  }

  get(key: string): Value | undefined {
    if (!isKey(key)) return undefined;
    const { value, expires } = this.#store.entry(this.#idOf(key));
    return expires !== 0 && expires <= this.#scope.now() ? undefined : (value as Value | undefined);
  }

  put(key: string, value: Value, options?: { readonly ttlMs?: number }): void {
    if (value === undefined)
      throw new FedbusError("STATE_INVALID", "undefined cannot be kept in a table: delete the key");
    if (!isKey(key))
      throw new FedbusError(
        "STATE_INVALID",
        `a table's key is a string of Unicode, of at most ${keyLengthMax} characters`,
      );
    this.#store.change(this.#idOf(key), value, this.#expiryOf(options?.ttlMs));
  }

  delete(key: string): void {
    if (!isKey(key)) return;
    this.#store.change(this.#idOf(key), undefined, 0);
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<readonly [string, Value]> {
    const now = this.#scope.now();
    const prefix = this.#prefixes[this.#scope.group]!;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for await (const [key, { value, expires }] of rangeOf(this.#store, prefix, options)) {
      if (value === undefined || (expires !== 0 && expires <= now)) continue;
      if (left-- <= 0) return;
      yield [key, value as Value];
    }
  }

  /** What is no time would only come to light in the commit, with all that others have put. */
  #expiryOf(ttlMs: number | undefined): number {
    if (ttlMs === undefined) return 0;
    const expires = Math.ceil(this.#scope.now() + ttlMs);
    if (!(ttlMs >= 0 && Number.isSafeInteger(expires)))
      throw new FedbusError("STATE_INVALID", `ttlMs must be a number of ms, 0 or more: ${ttlMs}`);
    return expires;
  }

  #idOf(key: string): string {
    return this.#prefixes[this.#scope.group]! + key;
  }
}

/** A text that is not well-formed would be stored under another's name. */
function isKey(key: string): boolean {
  return typeof key === "string" && key.length <= keyLengthMax && key.isWellFormed();
}
