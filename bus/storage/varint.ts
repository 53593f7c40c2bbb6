/** Reads numbers as protocol buffers and LevelDB write them: seven bits a byte, the low ones first. */
export class VarintReader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** Throws RangeError past the end, and for what is no safe integer. */
  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new RangeError("a number is cut off");
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError("a number is too large");
      if (byte < 0x80) return value;
    }
  }

  /** Throws RangeError if there are not as many. */
  bytes(count: number): Buffer {
    if (count > this.left) throw new RangeError("bytes are cut off");
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** Bytes behind their number. */
  text(): Buffer {
    return this.bytes(this.number());
  }
}
