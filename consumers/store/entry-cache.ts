/** An entry of a table, as it is held in memory. */
export interface Entry {
  /** Undefined: there is none. */
  value: unknown;
  /** The log's time from which on it is gone, ms; 0 for never. */
  expires: number;
  /** Whether it is to be written. */
  dirty: boolean;
  /** Bytes of what is stored; 0 while it never was. */
  bytes: number;
}

/** What an entry costs in memory, at a guess: objects take several times their JSON. */
const overheadBytes = 200;
const objectFactor = 3;

/**
 * The entries used last, in two generations: what was not used during a whole generation goes. That
 * is nearly as good as least recently used, and costs nothing on a hit.
 */
export class EntryCache {
  readonly #bytesMax: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  #youngBytes = 0;

  /** Holds about `bytesMax` bytes, and what is used between two calls of `turn`. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(id: string): Entry | undefined {
    const entry = this.#young.get(id);
    if (entry !== undefined) return entry;
    const old = this.#old.get(id);
    if (old !== undefined) this.set(id, old);
    return old;
  }

  set(id: string, entry: Entry): void {
    this.#young.set(id, entry);
    this.#youngBytes += overheadBytes + entry.bytes * objectFactor;
  }

  /** Begins a new generation if this one is full. Everything dirty must have been written. */
  turn(): void {
    if (this.#youngBytes <= this.#bytesMax / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngBytes = 0;
  }
}
