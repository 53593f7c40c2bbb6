import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { uint64At, writeUint64 } from "../../block/numbers.js";

/** What the witness has seen acknowledged. */
export interface Witnessed {
  readonly head: number;
  /** Chain hash of the newest block: 32 bytes. */
  readonly hash: Buffer;
}

const recordBytes = 44;
const timeRecordBytes = 12;

/**
 * The file `head`: how far the log had got, kept outside LevelDB.
 *
 * LevelDB drops what it cannot read of its write-ahead log and says nothing. If that was the tail,
 * nothing else would show that acknowledged events are gone. The file is overwritten in place after
 * every commit and not synced: that survives kill -9, and after a power loss it is merely older.
 *
 * ```
 *  at  size  field (little-endian)
 *   0     8  head
 *   8    32  chain hash of the newest block
 *  40     4  CRC-32 of the 40 bytes before
 *  44     8  the latest time that was given away: no later event is recorded before it
 *  52     4  CRC-32 of those 8 bytes
 * ```
 */
export class HeadWitness {
  readonly #fd: number;
  readonly #record = Buffer.alloc(recordBytes);
  readonly #timeRecord = Buffer.alloc(timeRecordBytes);
  #open = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  static open(dir: string): HeadWitness {
    const path = join(dir, "head");
    try {
      return new HeadWitness(openSync(path, "r+"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return new HeadWitness(openSync(path, "w+"));
    }
  }

  /** What was written last; undefined if the file is new or torn. */
  read(): Witnessed | undefined {
    const bytes = Buffer.alloc(recordBytes);
    if (readSync(this.#fd, bytes, 0, recordBytes, 0) < recordBytes) return undefined;
    if (crc32(bytes.subarray(0, 40)) !== bytes.readUInt32LE(40)) return undefined;
    return { head: uint64At(bytes, 0), hash: bytes.subarray(8, 40) };
  }

  /** A write of 44 bytes to the page cache: cheaper at once than by way of a thread. */
  write({ head, hash }: Witnessed): void {
    writeUint64(this.#record, 0, head);
    hash.copy(this.#record, 8);
    this.#record.writeUInt32LE(crc32(this.#record.subarray(0, 40)), 40);
    writeSync(this.#fd, this.#record, 0, recordBytes, 0);
  }

  /** The time that was written last; undefined if there is none, or it is torn. */
  readTime(): number | undefined {
    const bytes = Buffer.alloc(timeRecordBytes);
    if (readSync(this.#fd, bytes, 0, timeRecordBytes, recordBytes) < timeRecordBytes)
      return undefined;
    return crc32(bytes.subarray(0, 8)) === bytes.readUInt32LE(8) ? uint64At(bytes, 0) : undefined;
  }

  /** Like `write`, beside it. */
  writeTime(time: number): void {
    writeUint64(this.#timeRecord, 0, time);
    this.#timeRecord.writeUInt32LE(crc32(this.#timeRecord.subarray(0, 8)), 8);
    writeSync(this.#fd, this.#timeRecord, 0, timeRecordBytes, recordBytes);
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}
