import type { Block } from "../../block/block.js";
import type { BlockStore } from "./block-store.js";

/** Scans that wait for their reader to come back, at most. */
const scansMax = 16;
/** How long one waits: it holds on to files that compaction wants to delete. */
const idleMs = 1_000;

/** A walk up the blocks that can be left and taken up again. */
export class Scan {
  readonly store: BlockStore;
  /** Offset after the last block that was taken. */
  next: number;
  readonly #blocks: AsyncGenerator<Block, void, undefined>;
  #returned: Block | undefined;
  #ended = false;

  constructor(store: BlockStore, from: number, head: number) {
    this.store = store;
    this.next = from;
    this.#blocks = store.ascending(from, head, head);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The next block; undefined at the head of the time when the scan began. */
  async take(): Promise<Block | undefined> {
    let block = this.#returned;
    this.#returned = undefined;
    if (block === undefined) {
      try {
        block = (await this.#blocks.next()).value ?? undefined;
      } catch (error) {
        this.#ended = true;
        throw error;
      }
    }
    if (block === undefined) this.#ended = true;
    else this.next = block.nextOffset;
    return block;
  }

  /** Gives the block that was just taken back, to be taken again. */
  giveBack(block: Block, next: number): void {
    this.#returned = block;
    this.next = next;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#blocks.return();
  }
}

/**
 * Scans left open between the pages of one reader.
 *
 * A page seldom ends where a scan has read to: with a megabyte a page, every second block would be
 * read and checked for nothing. So the scan is kept, under the offset that the next page will ask
 * for. It sees the blocks as they were when it began, which is why retention drops all.
 */
export class OpenScans {
  readonly #scans = new Map<Scan, NodeJS.Timeout>();

  /** The scan that stands at `from`, or a new one. */
  take(store: BlockStore, from: number, head: number): Scan {
    for (const [scan, timer] of this.#scans) {
      if (scan.next !== from || scan.store !== store) continue;
      clearTimeout(timer);
      this.#scans.delete(scan);
      return scan;
    }
    return new Scan(store, from, head);
  }

  /** Keeps `scan` for the next page, or closes it. */
  keep(scan: Scan): void {
    if (scan.ended) return;
    const drop = (): void => this.#drop(scan);
    this.#scans.set(scan, setTimeout(drop, idleMs).unref());
    const [oldest] = this.#scans.keys();
    if (this.#scans.size > scansMax && oldest !== undefined) this.#drop(oldest);
  }

  clear(): void {
    for (const scan of [...this.#scans.keys()]) this.#drop(scan);
  }

  #drop(scan: Scan): void {
    clearTimeout(this.#scans.get(scan));
    this.#scans.delete(scan);
    scan.close().catch(() => {});
  }
}
