import { VarintReader } from "./varint.js";

/** No block of a table is larger: events of one append are. */
const bytesMax = 256 * 1024 * 1024;

/**
 * What Snappy compressed, in the raw format: the length, then literals and copies of what came before.
 * Throws RangeError for what it cannot have written.
 */
export function unsnappy(compressed: Buffer): Buffer {
  const reader = new VarintReader(compressed);
  const length = reader.number();
  if (length > bytesMax) throw new RangeError("the length cannot be right");
  const out = Buffer.allocUnsafe(length);
  let at = 0;
  while (reader.left > 0) {
    const [tag] = reader.bytes(1) as unknown as [number];
    if ((tag & 3) === 0) {
      const literal = reader.bytes(literalLength(reader, tag >>> 2));
      if (at + literal.length > length) throw new RangeError("more than the length says");
      at += literal.copy(out, at);
      continue;
    }
    const { count, back } = copyOf(reader, tag);
    if (back === 0 || back > at || at + count > length) throw new RangeError("a copy of nothing");
    // A copy may reach into what it makes.
    for (const end = at + count; at < end; at++) out[at] = out[at - back]!;
  }
  if (at !== length) throw new RangeError("less than the length says");
  return out;
}

function literalLength(reader: VarintReader, short: number): number {
  return short < 60 ? short + 1 : littleEndian(reader, short - 59) + 1;
}

function copyOf(reader: VarintReader, tag: number): { count: number; back: number } {
  if ((tag & 3) === 1)
    return { count: ((tag >>> 2) & 7) + 4, back: ((tag >>> 5) << 8) + littleEndian(reader, 1) };
  return { count: (tag >>> 2) + 1, back: littleEndian(reader, (tag & 3) === 2 ? 2 : 4) };
}

function littleEndian(reader: VarintReader, count: number): number {
  return reader.bytes(count).readUIntLE(0, count);
}
