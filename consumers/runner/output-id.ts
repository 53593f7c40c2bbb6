const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const tableOf = (digits: number) =>
  Array.from({ length: 16 ** digits }, (_, value) => hexOf(value, digits));
/** Numbers of two and of three digits: formatting each anew takes several times as long. */
const hex2 = tableOf(2);
const hex3 = tableOf(3);

/**
 * An output's `msg_id`: `<year>-<uuid>`, where the UUID is version 8 of RFC 9562, made of nothing
 * but what caused the output: 48 bits of the log's time in ms; the low 12 bits of its index among
 * the outputs of its cause; 10 more bits of the index; 6 bits of key group; 34 low bits of the
 * cause's offset; 12 bits of the consumer's name. The same cause gives the same id.
 */
export class OutputIds {
  readonly #name: string;
  #time = -1;
  #prefix = "";

  constructor(consumer: string) {
    let hash = 0x811c9dc5;
    for (const char of consumer) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
    this.#name = hex3[((hash >>> 20) ^ hash) & 0xfff]!;
  }

  idOf(time: number, offset: number, group: number, index: number): string {
    if (time !== this.#time) this.#turn(time);
    const high = (index >>> 12) & 0x3ff;
    const first = 0x8000 | (high << 4) | (group >>> 2);
    // 2 bits of group, then 34 of the offset: 36 bits, in three parts of 12.
    const offsetHigh = Math.floor(offset / 2 ** 24) & 0x3ff;
    const top = ((group & 3) << 10) | offsetHigh;
    const tail = hex3[top]! + hex3[(offset >>> 12) & 0xfff]! + hex3[offset & 0xfff]! + this.#name;
    const low = index & 0xfff;
    return `${this.#prefix + hex3[low]!}-${hex2[first >>> 8]!}${hex2[first & 0xff]!}-${tail}`;
  }

  #turn(time: number): void {
    this.#time = time;
    const hex = hexOf(Math.max(0, time), 12);
    this.#prefix = `${new Date(time).getUTCFullYear()}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-8`;
  }
}
