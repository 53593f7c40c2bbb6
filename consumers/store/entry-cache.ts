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

  /** Holds about `bytesMax` bytes, if `turn` is called whenever it `isFull`. */
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
    this.#youngBytes += overheadBytes + id.length + entry.bytes * objectFactor;
  }

  /** A young entry has `bytes` now. */
  resized(entry: Entry, bytes: number): void {
    this.#youngBytes += (bytes - entry.bytes) * objectFactor;
    entry.bytes = bytes;
  }

  /** Whether this generation is full. */
  get isFull(): boolean {
    return this.#youngBytes > this.#bytesMax / 2;
  }

  /** Begins a new generation if this one is full. Nothing of the old one may be unwritten. */
  turn(): void {
    if (!this.isFull) return;
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
