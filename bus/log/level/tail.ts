import { type BlockStore, blockBufferBytes } from "./block-store.js";
import type { Witnessed } from "./head-witness.js";
import { offsetOfKey } from "./keys.js";
import type { LogFileState, LostRange } from "./log-file.js";
import { tryDecode } from "./stored-block.js";

/** Where a log ends, and what is missing near the end that was not known to be. */
export interface Tail {
  readonly head: number;
  /** Chain hash of the newest block: 32 bytes. */
  readonly hash: Buffer;
  /** Of the newest block that can be read; 0 if there is none. */
  readonly recordedAt: number;
  /** Newly found, in order. */
  readonly lost: readonly LostRange[];
}

/**
 * The least that is checked: LevelDB may drop any record of a write-ahead log when it opens, and
 * such a log, with the one being flushed, holds at most two write buffers.
 */
const checkedBytesMin = 2 * blockBufferBytes + 1024 * 1024;
const checkedBlocksMin = 64;

/** What the block behind (the next newer one) says about where and what the one before must be. */
interface Link {
  readonly start: number;
  readonly previous: Buffer;
}

/**
 * Reads the newest blocks backwards and checks that they are whole, join up, and name each other's
 * hashes; then compares their end with the witness's.
 */
export async function checkTail(
  store: BlockStore,
  state: LogFileState,
  witnessed: Witnessed | undefined,
): Promise<Tail> {
  const walk = new TailWalk(state, witnessed);
  let bytes = 0;
  let blocks = 0;
  let whole = true;
  for await (const [key, value] of store.entriesDescending()) {
    const start = offsetOfKey(key);
    if (start < state.base.first) break;
    if (bytes >= checkedBytesMin && blocks >= checkedBlocksMin) {
      whole = false;
      break;
    }
    walk.step(start, value);
    bytes += value.length;
    blocks++;
  }
  return walk.finish(whole);
}

class TailWalk {
  readonly #state: LogFileState;
  readonly #lost: LostRange[] = [];
  /** Entries that cannot be read, newer than every one that can. */
  readonly #unreadable: number[] = [];
  #link: Link | undefined;
  #head: number;
  #hash: Buffer;
  #recordedAt = 0;

  constructor(state: LogFileState, witnessed: Witnessed | undefined) {
    this.#state = state;
    const { head, hash } = lastKnown(state, witnessed);
    this.#head = head;
    this.#hash = hash;
  }

  /** The next older entry. */
  step(start: number, bytes: Buffer): void {
    const block = tryDecode(start, bytes);
    if (typeof block === "string") {
      // The block before it shows whether anything is missing: a damaged key can put it anywhere.
      if (this.#link === undefined) this.#unreadable.push(start);
      return;
    }
    this.#recordedAt = Math.max(this.#recordedAt, block.recordedAt);
    const { nextOffset, chainHash } = block;
    if (this.#link === undefined) this.#end(start, nextOffset, chainHash);
    else this.#join(start, nextOffset, chainHash, this.#link);
    this.#link = { start, previous: block.previous };
  }

  finish(whole: boolean): Tail {
    const { base } = this.#state;
    if (this.#link === undefined && this.#unreadable.includes(base.first)) this.#extend(base.first);
    const oldest = this.#link?.start ?? this.#head;
    if (whole && oldest > base.first) this.#lose(base.first, oldest);
    return {
      head: this.#head,
      hash: this.#hash,
      recordedAt: this.#recordedAt,
      lost: this.#lost.toReversed(),
    };
  }

  /** The newest block: compared with the last end that was known. */
  #end(start: number, nextOffset: number, chainHash: Buffer): void {
    if (this.#unreadable.includes(nextOffset)) this.#extend(nextOffset);
    if (nextOffset < this.#head) this.#lose(nextOffset, this.#head);
    else if (nextOffset === this.#head && !chainHash.equals(this.#hash) && !isBlank(this.#hash))
      this.#lose(start, nextOffset);
    if (nextOffset < this.#head) return;
    this.#head = nextOffset;
    this.#hash = chainHash;
  }

  /** The newest block cannot be read: how many events it has is unknown, but one at least. */
  #extend(start: number): void {
    if (start < this.#head) return;
    this.#head = start + 1;
    this.#hash = Buffer.alloc(32);
  }

  #join(start: number, nextOffset: number, chainHash: Buffer, link: Link): void {
    if (nextOffset !== link.start) this.#lose(Math.min(nextOffset, link.start), link.start);
    else if (!chainHash.equals(link.previous)) this.#lose(start, nextOffset);
  }

  #lose(from: number, to: number): void {
    const known = this.#state.lost.some((range) => range.from <= from && to <= range.to);
    if (known || from >= to) return;
    const hash = to === this.#head && !isBlank(this.#hash) ? this.#hash.toString("hex") : undefined;
    this.#lost.push({ from, to, ...(hash !== undefined && { hash }) });
  }
}

/** The furthest end that something outside the blocks knows of. */
function lastKnown(state: LogFileState, witnessed: Witnessed | undefined): Witnessed {
  const ends: Witnessed[] = [
    { head: state.base.first, hash: Buffer.from(state.base.hash, "hex") },
    ...state.lost.map(({ to, hash }) => ({ head: to, hash: Buffer.from(hash ?? blank, "hex") })),
  ];
  if (witnessed !== undefined) ends.push(witnessed);
  return ends.reduce((furthest, end) => (end.head >= furthest.head ? end : furthest));
}

const blank = "00".repeat(32);

function isBlank(hash: Buffer): boolean {
  return hash.equals(Buffer.alloc(32));
}
