import { createHash } from "node:crypto";
import { keyGroups } from "../store/key-group.js";

const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const tableOf = (digits: number) =>
  Array.from({ length: 16 ** digits }, (_, value) => hexOf(value, digits));
/** Numbers of two and of three digits: formatting each anew takes several times as long. */
const hex2 = tableOf(2);
const hex3 = tableOf(3);

/** 62 bits that stand for a consumer and a key group: 14, then three times 12, then 12 in hex. */
type Mask = readonly [bits14: number, high: number, middle: number, low: number, rest: string];

/**
 * An output's `msg_id`: `<year>-<uuid>`, where the UUID is version 8 of RFC 9562, made of nothing
 * but what caused the output: 48 bits of the log's time in ms; the low 12 bits of its index among
 * the outputs of its cause and group; and 62 bits, which are a hash of the consumer's name and the
 * key group, XOR 10 more bits of the index, 36 low bits of the cause's offset, and 12 zeros. The same
 * cause gives the same id; what differs in offset or index, the others being the same, never does.
 */
export class OutputIds {
  /** By group; behind those of keys come as many for what has no key's event for its cause. */
  readonly #masks: readonly Mask[];
  #time = -1;
  #prefix = "";

  constructor(consumer: string) {
    this.#masks = Array.from({ length: 2 * keyGroups }, (_, group) => maskOf(consumer, group));
  }

  idOf(time: number, offset: number, group: number, index: number): string {
    if (time !== this.#time) this.#turn(time);
    const [bits14, high, middle, low, rest] = this.#masks[group]!;
    const first = 0x8000 | (bits14 ^ (((index >>> 12) & 0x3ff) << 4));
    const top = high ^ (Math.floor(offset / 2 ** 24) & 0xfff);
    const tail =
      hex3[top]! + hex3[middle ^ ((offset >>> 12) & 0xfff)]! + hex3[low ^ (offset & 0xfff)]!;
    const start = this.#prefix + hex3[index & 0xfff]!;
    return `${start}-${hex2[first >>> 8]!}${hex2[first & 0xff]!}-${tail}${rest}`;
  }

  /** The key group of an output, of whose id the rest is known; undefined if the id is none of ours. */
  groupOf(id: string, time: number, offset: number, index: number): number | undefined {
    for (let group = 0; group < keyGroups; group++)
      if (this.idOf(time, offset, group, index) === id) return group;
    return undefined;
  }

  #turn(time: number): void {
    this.#time = time;
    const hex = hexOf(Math.max(0, time), 12);
    this.#prefix = `${new Date(time).getUTCFullYear()}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-8`;
  }
}

function maskOf(consumer: string, group: number): Mask {
  const hash = createHash("sha256").update(`${consumer} ${group}`).digest();
  const bits12 = (at: number): number => hash.readUInt16BE(at) & 0xfff;
  return [hash.readUInt16BE(0) >>> 2, bits12(2), bits12(4), bits12(6), hex3[bits12(8)]!];
}
