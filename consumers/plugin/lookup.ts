/** How a lookup is made and kept. */
export interface LookupOptions {
  /** For how long, in the log's time, an answer holds. 0: for one event. Default 300,000. */
  readonly ttlMs?: number;
  /** The same for a failure that the handler has coped with. Default 10,000. */
  readonly failureTtlMs?: number;
  /** Answers kept, at most: a 64th in each group of keys, the oldest going first. Default 100,000. */
  readonly cacheEntriesMax?: number;
  /** Lookups under way at a time, at most. Default 16. */
  readonly concurrencyMax?: number;
  /** After this long a lookup has failed, and its signal is aborted. Default 5,000. */
  readonly timeoutMs?: number;
  /** An answer longer than this as JSON counts as a failure. Default 65,536. */
  readonly answerBytesMax?: number;
}

/** Something outside of the bus that a consumer asks. */
export interface LookupSpec<Config = unknown> extends LookupOptions {
  /**
   * Asks. May be asked for one key more than once. What it returns is taken as JSON; undefined becomes
   * null.
   */
  lookup(key: string, signal: AbortSignal, config: Config): unknown;
}

/** Lookups by name: `[a-z0-9-]+`, at most 64 characters. */
export type LookupSpecs<Config = unknown> = Readonly<Record<string, LookupSpec<Config>>>;

/** A lookup with its defaults. */
export type LookupPlan = Required<LookupSpec>;
