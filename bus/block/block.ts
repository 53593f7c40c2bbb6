import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import { FedbusError } from "../../schemas/errors.js";
import { eventRuns, parseEvents, startOfEvent } from "../../schemas/event-run.js";
import {
  at,
  blockEventsMax,
  flagLogged,
  flagSparse,
  flagTrimmed,
  headerBytes,
  magic,
  topicIdsBytes,
  version,
} from "./layout.js";
import { uint16sAt, uint32sAt, uint64At } from "./numbers.js";
import type { ProducerRun } from "./producer-run.js";

interface Meta {
  readonly topics: readonly string[];
  readonly producers?: readonly ProducerRun[];
  /** TRIMMED only: the hash that the block had when it was whole, in hex. */
  readonly original?: string;
  /** TRIMMED only: how many events the block had when it was whole. */
  readonly covers?: number;
}

const noMeta: Meta = { topics: [] };

/**
 * A read-only view of a block's bytes. Nothing is copied, and JSON is parsed only by `parse`.
 * `Block.decode` has checked every length and the header's checksum; `checkBody` checks the events.
 */
export class Block {
  /** The whole block as it travels and as it is stored. */
  readonly bytes: Buffer;
  readonly count: number;
  readonly flags: number;
  readonly firstOffset: number;
  /** Milliseconds since 1970, one value for the whole block. */
  readonly recordedAt: number;
  readonly epoch: number;
  readonly bodyCrc: number;
  /** For each event, its index in `topics`; empty in a block that is not logged. */
  readonly topicIds: Uint16Array;
  /** For each event, the position after its last byte, counted from the payload's start. */
  readonly ends: Uint32Array;
  /** Ends and payload: what `bodyCrc` covers. */
  readonly body: Buffer;
  /** The events' bytes as one JSON array. */
  readonly payload: Buffer;
  readonly #deltas: Uint32Array | undefined;
  readonly #metaBytes: number;
  #meta: Meta | undefined;
  #hash: Buffer | undefined;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.flags = bytes[at.flags]!;
    this.count = bytes.readUInt32LE(at.count);
    this.firstOffset = uint64At(bytes, at.firstOffset);
    this.recordedAt = uint64At(bytes, at.recordedAt);
    this.epoch = uint64At(bytes, at.epoch);
    this.bodyCrc = bytes.readUInt32LE(at.bodyCrc);
    this.#metaBytes = bytes.readUInt32LE(at.metaBytes);
    let position = headerBytes + this.#metaBytes;
    const logged = (this.flags & flagLogged) !== 0;
    this.topicIds = uint16sAt(bytes, position, logged ? this.count : 0);
    if (logged) position += topicIdsBytes(this.count);
    if ((this.flags & flagSparse) !== 0) {
      this.#deltas = uint32sAt(bytes, position, this.count);
      position += this.count * 4;
    }
    this.ends = uint32sAt(bytes, position, this.count);
    this.body = bytes.subarray(position);
    this.payload = bytes.subarray(position + this.count * 4);
  }

  /**
   * The block in `bytes`. Throws BLOCK_INVALID, BLOCK_VERSION or BLOCK_CORRUPT.
   * The events' own bytes are not looked at: see `checkBody`.
   */
  static decode(bytes: Buffer): Block {
    checkHeader(bytes);
    const block = new Block(bytes);
    if (crcOfHeader(bytes, bytes.length - block.body.length) !== bytes.readUInt32LE(at.headerCrc))
      throw new FedbusError("BLOCK_CORRUPT", "the block's header does not match its checksum");
    block.#checkPositions();
    return block;
  }

  /** Throws BLOCK_CORRUPT unless the events are the bytes that the publisher sent. */
  checkBody(): void {
    if (crc32(this.body) !== this.bodyCrc)
      throw new FedbusError("BLOCK_CORRUPT", "the block's events do not match their checksum", {
        details: { from: this.firstOffset, to: this.nextOffset },
      });
  }

  /** Whether retention took events out of this block. */
  get trimmed(): boolean {
    return (this.flags & flagTrimmed) !== 0;
  }

  /** Whether the block has events missing between its first and its last. */
  get sparse(): boolean {
    return this.#deltas !== undefined;
  }

  /** The distinct topics of the block's events. */
  get topics(): readonly string[] {
    return this.#parsedMeta().topics;
  }

  /** The producers' batches that the block was made of. */
  get producers(): readonly ProducerRun[] {
    return this.#parsedMeta().producers ?? [];
  }

  /** The hash of the block before this one in the log: 32 bytes. */
  get previous(): Buffer {
    return this.bytes.subarray(at.previous, at.previous + 32);
  }

  /** SHA-256 of the whole block: 32 bytes. */
  get hash(): Buffer {
    this.#hash ??= hash("sha256", this.bytes, "buffer");
    return this.#hash;
  }

  /** What the next block names as `previous`: the hash, of the whole block if this one is trimmed. */
  get chainHash(): Buffer {
    const { original } = this.#parsedMeta();
    return original === undefined ? this.hash : Buffer.from(original, "hex");
  }

  /** The offset after the last event that the block has, or had before it was trimmed. */
  get nextOffset(): number {
    const { covers } = this.#parsedMeta();
    if (covers !== undefined) return this.firstOffset + covers;
    return this.count === 0 ? this.firstOffset : this.offsetOf(this.count - 1) + 1;
  }

  offsetOf(index: number): number {
    return this.firstOffset + (this.#deltas === undefined ? index : this.#deltas[index]!);
  }

  topicOf(index: number): string {
    return this.topics[this.topicIds[index]!]!;
  }

  /** Where the event's bytes start in the payload. */
  startOf(index: number): number {
    return startOfEvent(this.ends, index);
  }

  /** The event's bytes, as its publisher wrote them. */
  bytesOf(index: number): Buffer {
    return this.payload.subarray(this.startOf(index), this.ends[index]!);
  }

  /** All events, parsed. */
  parse(): unknown[] {
    return parseEvents(this.payload, this.ends);
  }

  /** All events in runs, each parsed when it is asked for. */
  runs(): Generator<unknown[], void> {
    return eventRuns(this.payload, this.ends);
  }

  #parsedMeta(): Meta {
    this.#meta ??=
      this.#metaBytes === 0
        ? noMeta
        : (JSON.parse(
            this.bytes.toString("utf8", headerBytes, headerBytes + this.#metaBytes),
          ) as Meta);
    return this.#meta;
  }

  #checkPositions(): void {
    const { ends, payload } = this;
    let previous = 0;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index]!;
      if (end <= previous) throw invalid("an event's end does not lie behind the one before it");
      previous = end;
    }
    if (ends.length === 0) previous = 1;
    if (previous !== payload.length - 1 || payload[0] !== 0x5b || payload[previous] !== 0x5d)
      throw invalid("the payload is not one JSON array that ends with the last event");
  }
}

function checkHeader(bytes: Buffer): void {
  if (bytes.length < headerBytes) throw invalid("shorter than a header");
  if (bytes.readUInt32LE(at.magic) !== magic) throw invalid("the magic is missing");
  if (bytes[at.version] !== version)
    throw new FedbusError("BLOCK_VERSION", `block version ${bytes[at.version]} is not known`);
  if (bytes.readUInt16LE(at.flags + 1) !== 0 || bytes.readUInt32LE(at.headerCrc + 4) !== 0)
    throw invalid("a reserved byte is not zero");
  const flags = bytes[at.flags]!;
  const count = bytes.readUInt32LE(at.count);
  const countMin = (flags & flagTrimmed) !== 0 ? 0 : 1;
  if (count < countMin || count > blockEventsMax) throw invalid(`a count of ${count} events`);
  const expected =
    headerBytes +
    bytes.readUInt32LE(at.metaBytes) +
    ((flags & flagLogged) !== 0 ? topicIdsBytes(count) : 0) +
    ((flags & flagSparse) !== 0 ? count * 4 : 0) +
    count * 4 +
    bytes.readUInt32LE(at.payloadBytes);
  if (expected !== bytes.length)
    throw invalid(`its lengths add up to ${expected} bytes, but it has ${bytes.length}`);
}

function invalid(what: string): FedbusError {
  return new FedbusError("BLOCK_INVALID", `not a block: ${what}`);
}

/** CRC-32 of the header and of everything before the body, which starts at `bodyStart`. */
export function crcOfHeader(bytes: Buffer, bodyStart: number): number {
  const header = crc32(bytes.subarray(0, at.headerCrc));
  return crc32(bytes.subarray(headerBytes, bodyStart), header);
}
