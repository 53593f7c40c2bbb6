/** Which entries of a table; keys in the order of their UTF-8 bytes. */
export interface RangeOptions {
  readonly prefix?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * A durable table of JSON values by string key. Changes are visible at once to the same consumer,
 * and become durable together with the outputs and the place in the log that belong to them.
 *
 * In a consumer with a `key`, a table is divided by it: entries that were put while one key's events
 * were handled are seen only with that key's events, or with those of keys that share its group.
 */
export interface Table<Value = unknown> {
  /**
   * The value, or undefined. It is the table's own object: who changes it must `put` it.
   * What is read back after a restart is what `JSON.stringify` made of it; a value that would not be
   * the same then fails the event with STATE_INVALID, at the commit.
   */
  get(key: string): Value | undefined;
  /** `ttlMs`: after that much of the log's time the entry is gone. Default: it stays. */
  put(key: string, value: Value, options?: { readonly ttlMs?: number }): void;
  delete(key: string): void;
  /** Entries in key order, those not yet committed included. Change nothing of it meanwhile. */
  range(options?: RangeOptions): AsyncIterable<readonly [key: string, value: Value]>;
}
