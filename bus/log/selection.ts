import type { Block } from "../block/block.js";
import { selectEvents } from "../block/reduce.js";
import type { PageRequest } from "./page-request.js";

/**
 * The block with only what `request` wants of it; undefined if that is nothing.
 *
 * A block that is wanted whole is handed on as it is stored, so that its hash can be checked by
 * whoever gets it. A reader without patterns gets whole blocks even if retention has emptied them.
 */
export function select(block: Block, request: PageRequest): Block | undefined {
  const { from, to, filter } = request;
  const inside = block.firstOffset >= from && block.nextOffset <= to;
  if (inside && filter.matchesAll) return block;
  const wanted = filter.matchesAll ? undefined : block.topics.map((topic) => filter.test(topic));
  if (wanted !== undefined && !wanted.includes(true)) return undefined;
  if (inside && wanted?.includes(false) === false) return block;
  const indices: number[] = [];
  for (let index = 0; index < block.count; index++) {
    if (wanted?.[block.topicIds[index]!] === false) continue;
    const offset = block.offsetOf(index);
    if (offset >= from && offset < to) indices.push(index);
  }
  return indices.length === 0 ? undefined : selectEvents(block, indices);
}

/** Collects a page's blocks and knows when the page is full. */
export class PageBuilder {
  readonly blocks: Block[] = [];
  readonly #request: PageRequest;
  readonly #scanBytesMax: number;
  #bytes = 0;
  #scanned = 0;

  constructor(request: PageRequest, scanBytesMax: number) {
    this.#request = request;
    this.#scanBytesMax = scanBytesMax;
  }

  get full(): boolean {
    return (
      (this.blocks.length > 0 && this.#bytes >= this.#request.bytesMax) ||
      this.#scanned >= this.#scanBytesMax
    );
  }

  /** Whether one more block of `bytes` would make a page that has something too large. */
  overflows(bytes: number): boolean {
    return this.blocks.length > 0 && this.#bytes + bytes > this.#request.bytesMax;
  }

  /** Takes what is wanted of `block`; false if the page has no room for it. */
  add(block: Block): boolean {
    const part = select(block, this.#request);
    if (part !== undefined && this.overflows(part.bytes.length)) return false;
    this.#scanned += block.bytes.length;
    if (part === undefined) return true;
    this.blocks.push(part);
    this.#bytes += part.bytes.length;
    return true;
  }
}
