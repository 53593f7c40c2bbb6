/**
 * Writes one protobuf message, field by field (https://protobuf.dev/programming-guides/encoding).
 *
 *     field = tag (varint: number << 3 | wire type), then
 *       wire 0: varint, 7 bits a byte, lowest first, negative numbers as 64-bit two's complement
 *       wire 2: length (varint), bytes
 *       wire 5: 4 bytes, little-endian
 */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number. */
  int(field: number, value: number | bigint): this {
    return this.#raw(varint(field << 3), varint(value));
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return this.#raw(varint((field << 3) | 5), bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#raw(varint((field << 3) | 2), varint(value.byteLength), value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.end());
  }

  /** Whole numbers, packed. */
  ints(field: number, values: readonly (number | bigint)[]): this {
    if (values.length === 0) return this;
    const bytes: number[] = [];
    for (const value of values) pushVarint(bytes, value);
    return this.bytes(field, Buffer.from(bytes));
  }

  /** 32-bit floats, packed. */
  floats(field: number, values: ArrayLike<number>): this {
    if (values.length === 0) return this;
    const bytes = Buffer.alloc(4 * values.length);
    for (let index = 0; index < values.length; index++)
      bytes.writeFloatLE(values[index]!, 4 * index);
    return this.bytes(field, bytes);
  }

  /** The message's bytes. */
  end(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #raw(...parts: readonly Uint8Array[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  pushVarint(bytes, value);
  return Buffer.from(bytes);
}

function pushVarint(bytes: number[], value: number | bigint): void {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new RangeError(`${value} is no whole number`);
  if (value >= 0 && value < 0x80) {
    bytes.push(Number(value));
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
}
