import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { Block } from "../../block/block.js";

/** Stored bytes that cannot be served: what is damaged, from where up to where, and why. */
export function damage(from: number, to: number, reason: string, cause?: unknown): FedbusError {
  return new FedbusError("LOG_CORRUPT", `offsets ${from} up to ${to} cannot be read: ${reason}`, {
    details: { from, to, reason },
    cause,
  });
}

/**
 * The block stored under `offset`. Throws BLOCK_INVALID, BLOCK_VERSION or BLOCK_CORRUPT.
 *
 * Every read comes through here, because LevelDB's own checksums are never looked at: of single
 * flipped bits in its files, about a third came back as data without any error.
 */
export function decodeStored(offset: number, bytes: Buffer): Block {
  const block = Block.decode(bytes);
  block.checkBody();
  if (block.firstOffset !== offset)
    throw new FedbusError("BLOCK_CORRUPT", `the block at ${offset} says ${block.firstOffset}`);
  return block;
}

/** The block, or why there is none. For those who go on over damage. */
export function tryDecode(offset: number, bytes: Buffer): Block | string {
  try {
    return decodeStored(offset, bytes);
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return error.message;
  }
}
