import type { NumberedBatch } from "../../bus/index.js";
import { batchLimits } from "./limits.js";

/** A full batch, with its header and where its events end. */
const slabBytes = batchLimits.bytesMax + 32 * 1024;
/** Slabs that wait to be used again, at most: two commits' of the default size. */
const slabsMax = 32;

/**
 * Memory of batches that nobody needs once they are committed, used again. Fresh memory for each would bring
 * full collections of garbage on: those come by bytes outside the heap, and cost by what is in it.
 */
export class BatchSlabs {
  #free: ArrayBufferLike[] = [];

  /** A buffer of `bytes`, with anything in it. */
  take(bytes: number): Buffer {
    // Small ones come seldom, and would hold a slab each.
    if (bytes < slabBytes / 2 || bytes > slabBytes) return Buffer.allocUnsafeSlow(bytes);
    return Buffer.from(this.#free.pop() ?? new ArrayBuffer(slabBytes), 0, bytes);
  }

  /** Nobody will look at these batches again. */
  giveBack(batches: readonly NumberedBatch[]): void {
    for (const { block } of batches)
      if (block.buffer.byteLength === slabBytes && this.#free.length < slabsMax)
        this.#free.push(block.buffer);
  }
}
