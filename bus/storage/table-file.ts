import { crc32c, masked, nextCrc } from "./crc32c.js";
import { unsnappy } from "./snappy.js";
import { VarintReader } from "./varint.js";

/**
 * LevelDB's table files, read without LevelDB: it looks at none of the checksums that it writes, and
 * ends the process on some of what is damaged.
 *
 * ```
 * file    data blocks, filter block, metaindex block, index block, footer
 * block   content, type (1 byte: 0 plain, 1 Snappy), masked CRC-32C of both (u32 little-endian)
 * footer  handles of metaindex and index, zeros, magic (8 bytes): 48 bytes
 * handle  offset and size of a block's content, as varints
 * ```
 *
 * A block's content is entries (bytes shared with the key before, bytes of the key that are not, bytes of
 * the value: varints; then those bytes), offsets of restarts (u32), their number (u32).
 */
const footerBytes = 48;
const trailerBytes = 5;
const magic = Buffer.from("57fb808b247547db", "hex");

/** Bytes of a file; fewer where it ends. */
export type ReadBytes = (offset: number, length: number) => Buffer;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** Throws RangeError if there is no footer. */
function readFooter(size: number, read: ReadBytes): { metaindex: Handle; index: Handle } {
  const footer = read(Math.max(0, size - footerBytes), footerBytes);
  if (!footer.subarray(-magic.length).equals(magic)) throw new RangeError("there is no footer");
  const reader = new VarintReader(footer);
  return { metaindex: readHandle(reader), index: readHandle(reader) };
}

function readHandle(reader: VarintReader): Handle {
  return { offset: reader.number(), size: reader.number() };
}

/** The content of the block. Throws RangeError if it does not match its checksum. */
function contentOf(read: ReadBytes, { offset, size }: Handle): Buffer {
  const bytes = read(offset, size + trailerBytes);
  const covered = bytes.subarray(0, size + 1);
  if (
    bytes.length < size + trailerBytes ||
    masked(crc32c(covered)) !== bytes.readUInt32LE(size + 1)
  )
    throw new RangeError("a block does not match its checksum");
  return unpacked(covered);
}

/** Of content and type. */
function unpacked(covered: Buffer): Buffer {
  const content = covered.subarray(0, -1);
  return covered.at(-1) === 0 ? content : unsnappy(content);
}

/** The entries of a block, as far as they make sense. Keys end with eight bytes of LevelDB's. */
export function* entriesIn(content: Buffer): Generator<readonly [key: Buffer, value: Buffer]> {
  const restarts = content.length < 4 ? 0 : content.readUInt32LE(content.length - 4);
  const end = content.length - 4 * (restarts + 1);
  if (end < 0) return;
  const reader = new VarintReader(content.subarray(0, end));
  let key: Buffer = Buffer.alloc(0);
  while (reader.left > 0) {
    const shared = reader.number();
    const own = reader.number();
    const size = reader.number();
    if (shared > key.length) return;
    key = Buffer.concat([key.subarray(0, shared), reader.bytes(own)]);
    yield [key, reader.bytes(size)];
  }
}

/** Whether index and filter are undamaged, and with `withData` all else. */
export function isWhole(size: number, read: ReadBytes, withData: boolean): boolean {
  try {
    const { metaindex, index } = readFooter(size, read);
    for (const handle of handlesIn(contentOf(read, metaindex))) contentOf(read, handle);
    const blocks = handlesIn(contentOf(read, index));
    if (withData) for (const handle of blocks) contentOf(read, handle);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function handlesIn(index: Buffer): Handle[] {
  return [...entriesIn(index)].map(([, handle]) => readHandle(new VarintReader(handle)));
}

/**
 * The blocks of data in a damaged file that match their checksums: by the index while that can be read,
 * else by trying where one ends that begins where the one before has ended.
 */
export function* wholeBlocks(file: Buffer): Generator<Buffer> {
  const read: ReadBytes = (offset, length) => file.subarray(offset, offset + length);
  const handles = attempt(() => handlesIn(contentOf(read, readFooter(file.length, read).index)));
  if (handles === undefined) {
    yield* blocksFound(file);
    return;
  }
  for (const handle of handles) {
    const content = attempt(() => contentOf(read, handle));
    if (content !== undefined) yield content;
  }
}

function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function* blocksFound(file: Buffer): Generator<Buffer> {
  let start = 0;
  let register = -1;
  for (let at = 0; at + trailerBytes <= file.length; at++) {
    const byte = file[at]!;
    register = nextCrc(register, byte);
    // What is covered ends with the type.
    if (byte > 1 || masked(~register >>> 0) !== file.readUInt32LE(at + 1)) continue;
    const covered = file.subarray(start, at + 1);
    const content = attempt(() => unpacked(covered));
    if (content !== undefined) yield content;
    start = at + trailerBytes;
    at = start - 1;
    register = -1;
  }
}
