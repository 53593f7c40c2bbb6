import { createHash } from "node:crypto";
import { keyGroups } from "../store/key-group.js";

const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
/** The characters of 0 to 15 in hex. */
const hexDigits = Buffer.from("0123456789abcdef");
const dash = 0x2d;

/** Characters of an id behind `prefixAt`. */
export const stampBytes = 21;

/** 62 bits that stand for a consumer and a key group: 14, and then four times 12. */
type Mask = readonly [bits14: number, high: number, middle: number, low: number, rest: number];

/**
 * An output's `msg_id`: `<year>-<uuid>`, where the UUID is version 8 of RFC 9562, made of nothing
 * but what caused the output: 48 bits of the log's time in ms; the low 12 bits of its index among
 * the outputs of its cause and group; and 62 bits, which are a hash of the consumer's name and the
 * key group, XOR 10 more bits of the index, 36 low bits of the cause's offset, and 12 zeros. The same
 * cause gives the same id; what differs in offset or index, the others being the same, never does.
 *
 * So an id is a prefix that the time alone decides, and `stampBytes` characters that are stamped behind it: outputs
 * of the same time share the prefix, and the rest is written where the id stands.
 */
export class OutputIds {
  /** By group; behind those of keys come as many for what has no key's event for its cause. */
  readonly #masks: readonly Mask[];
  readonly #scratch = Buffer.alloc(stampBytes);

  constructor(consumer: string) {
    this.#masks = Array.from({ length: 2 * keyGroups }, (_, group) => maskOf(consumer, group));
  }

  idOf(time: number, offset: number, group: number, index: number): string {
    return prefixAt(time) + this.#stamped(offset, group, index);
  }

  /** Writes what follows `prefixAt` in an id. */
  stamp(bytes: Uint8Array, at: number, offset: number, group: number, index: number): void {
    const [bits14, high, middle, low, rest] = this.#masks[group]!;
    const first = 0x8000 | (bits14 ^ (((index >>> 12) & 0x3ff) << 4));
    writeHex3(bytes, at, index);
    bytes[at + 3] = dash;
    bytes[at + 4] = hexDigits[first >>> 12]!;
    writeHex3(bytes, at + 5, first);
    bytes[at + 8] = dash;
    writeHex3(bytes, at + 9, high ^ Math.floor(offset / 2 ** 24));
    writeHex3(bytes, at + 12, middle ^ (offset >>> 12));
    writeHex3(bytes, at + 15, low ^ offset);
    writeHex3(bytes, at + 18, rest);
  }

  /** The key group of an output, of whose id the rest is known; undefined if the id is none of ours. */
  groupOf(id: string, time: number, offset: number, index: number): number | undefined {
    const prefix = prefixAt(time);
    for (let group = 0; group < keyGroups; group++)
      if (prefix + this.#stamped(offset, group, index) === id) return group;
    return undefined;
  }

  #stamped(offset: number, group: number, index: number): string {
    this.stamp(this.#scratch, 0, offset, group, index);
    return this.#scratch.toString("latin1");
  }
}

/** How all ids of outputs begin that are made at `time`, ms. */
export function prefixAt(time: number): string {
  const hex = hexOf(Math.max(0, time), 12);
  return `${new Date(time).getUTCFullYear()}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-8`;
}

/** The low 12 bits. */
function writeHex3(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = hexDigits[(value >>> 8) & 0xf]!;
  bytes[at + 1] = hexDigits[(value >>> 4) & 0xf]!;
  bytes[at + 2] = hexDigits[value & 0xf]!;
}

function maskOf(consumer: string, group: number): Mask {
  const hash = createHash("sha256").update(`${consumer} ${group}`).digest();
  const bits12 = (at: number): number => hash.readUInt16BE(at) & 0xfff;
  return [hash.readUInt16BE(0) >>> 2, bits12(2), bits12(4), bits12(6), bits12(8)];
}
