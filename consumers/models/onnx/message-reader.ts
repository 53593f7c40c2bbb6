import { invalidModel } from "./invalid-model.js";

/**
 * Goes through the fields of one protobuf message without copying anything. Whatever the bytes are, it
 * stays within them: what is no message throws MODEL_INVALID. It is stricter than protobuf's own
 * readers where those would skip something: the deprecated groups, and numbers in more than 10 bytes.
 */
export class MessageReader {
  /** Number of the field that `next` came to. */
  field = 0;
  /** 0 varint, 1 eight bytes, 2 bytes with a length, 5 four bytes. */
  wire = 0;
  readonly #bytes: Uint8Array;
  #at = 0;
  #value = 0n;
  #from = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false;
    const tag = this.#small();
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw invalidModel("a field has number 0");
    this.#from = this.#at;
    if (this.wire === 0) this.#value = this.#varint();
    else this.#skip(this.#length());
    return true;
  }

  /** The field's whole number, as signed 64 bits. */
  int(): bigint {
    this.#must(0);
    return BigInt.asIntN(64, this.#value);
  }

  /** The field's bytes, in place. */
  bytes(): Uint8Array {
    this.#must(2);
    return this.#bytes.subarray(this.#from, this.#at);
  }

  /** What the field's value takes. */
  get size(): number {
    return this.#at - this.#from;
  }

  /** The field's bytes as UTF-8. */
  text(): string {
    const bytes = this.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  /** The whole numbers of a repeated field: those of a packed field, or the one of an unpacked. */
  ints(): bigint[] {
    if (this.wire === 0) return [this.int()];
    const packed = new MessageReader(this.bytes());
    const values: bigint[] = [];
    while (packed.#at < packed.#bytes.length) values.push(BigInt.asIntN(64, packed.#varint()));
    return values;
  }

  #must(wire: number): void {
    if (this.wire !== wire) throw invalidModel(`field ${this.field} has wire type ${this.wire}`);
  }

  #length(): number {
    if (this.wire === 1) return 8;
    if (this.wire === 5) return 4;
    if (this.wire !== 2) throw invalidModel(`wire type ${this.wire} is not allowed`);
    const length = this.#small();
    this.#from = this.#at;
    return length;
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) throw invalidModel("a field is cut off");
    this.#at += length;
  }

  /** A varint below 2 ** 32. */
  #small(): number {
    const first = this.#bytes[this.#at];
    // Nearly all tags and most lengths are one byte: no big numbers for these.
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    const value = this.#varint();
    if (value >= 2n ** 32n) throw invalidModel("a tag or length is too large");
    return Number(value);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw invalidModel("a number is cut off");
      this.#at++;
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw invalidModel("a number is longer than 10 bytes");
  }
}
