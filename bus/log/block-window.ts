import type { Block } from "../block/block.js";
import type { Page } from "./event-source.js";
import { type PageRequest, type Span, scanBytesMax } from "./page-request.js";
import { PageBuilder } from "./selection.js";

/**
 * Consecutive blocks held in memory: all of a `MemoryLog`, or a `LevelLog`'s newest, so that
 * followers at the head are served without going to the disk.
 */
export class BlockWindow {
  readonly #bytesMax: number;
  #blocks: (Block | undefined)[] = [];
  /** Blocks before this index are gone, so that they die young; the array is cut now and then. */
  #start = 0;
  #bytes = 0;

  /** Holds at most `bytesMax` bytes of blocks, but always the newest one. */
  constructor(bytesMax: number = Number.POSITIVE_INFINITY) {
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#blocks.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): Block | undefined {
    return this.#blocks[this.#start];
  }

  get newest(): Block | undefined {
    return this.count === 0 ? undefined : this.#blocks.at(-1);
  }

  push(block: Block): void {
    this.#blocks.push(block);
    this.#bytes += block.bytes.length;
    while (this.#bytes > this.#bytesMax && this.count > 1) this.shift();
  }

  /** Lets the oldest block go. */
  shift(): Block | undefined {
    const block = this.oldest;
    if (block === undefined) return undefined;
    this.#bytes -= block.bytes.length;
    this.#blocks[this.#start++] = undefined;
    if (this.#start > 64 && this.#start * 2 > this.#blocks.length) {
      this.#blocks = this.#blocks.slice(this.#start);
      this.#start = 0;
    }
    return block;
  }

  clear(): void {
    this.#blocks = [];
    this.#start = 0;
    this.#bytes = 0;
  }

  *[Symbol.iterator](): Generator<Block, void, undefined> {
    for (let index = this.#start; index < this.#blocks.length; index++) yield this.#blocks[index]!;
  }

  /** Puts `block` in the place of the one with the same first offset. */
  replace(block: Block): void {
    const index = this.#indexOf(block.firstOffset);
    const old = this.#blocks[index];
    if (old === undefined || old.firstOffset !== block.firstOffset) return;
    this.#bytes += block.bytes.length - old.bytes.length;
    this.#blocks[index] = block;
  }

  /** The block that holds `offset`, if the window does. */
  holding(offset: number): Block | undefined {
    const block = this.#blocks[this.#indexOf(offset)];
    return block !== undefined && offset < block.nextOffset ? block : undefined;
  }

  /** The page that `request` asks for, from blocks that the window must all hold. */
  page(request: PageRequest, span: Span): Page {
    const page = new PageBuilder(request, scanBytesMax);
    const step = request.descending ? -1 : 1;
    let next = request.descending ? request.to : request.from;
    let index = this.#indexOf(request.descending ? request.to - 1 : request.from);
    let done = false;
    while (!done && !page.full) {
      const block = this.#blocks[index]!;
      if (!page.add(block)) break;
      next = request.descending
        ? Math.max(block.firstOffset, request.from)
        : Math.min(block.nextOffset, request.to);
      done = next === (request.descending ? request.from : request.to);
      index += step;
    }
    return { blocks: page.blocks, next, done, first: span.first, head: span.head };
  }

  /** Index of the last block that starts at or before `offset`; -1 if there is none. */
  #indexOf(offset: number): number {
    let low = this.#start;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]!.firstOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low === this.#start ? -1 : low - 1;
  }
}
