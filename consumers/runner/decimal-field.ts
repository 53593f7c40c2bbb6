/** Where a number stands in text, to be written over by others that have as many digits. */
export class DecimalField {
  /** Takes none. */
  static readonly none = new DecimalField(0, 0, 0, 0);

  readonly #start: number;
  readonly #end: number;
  readonly #from: number;
  readonly #to: number;

  private constructor(start: number, end: number, from: number, to: number) {
    this.#start = start;
    this.#end = end;
    this.#from = from;
    this.#to = to;
  }

  /** The field at `at` that holds `value`, a whole number. A negative one is never written over. */
  static of(at: number, value: number): DecimalField {
    if (value < 0) return DecimalField.none;
    const digits = String(value).length;
    const from = digits === 1 ? 0 : 10 ** (digits - 1);
    return new DecimalField(at, at + digits, from, 10 ** digits);
  }

  /** Whether `value`, a whole number, has as many digits. */
  fits(value: number): boolean {
    return value >= this.#from && value < this.#to;
  }

  /** Writes a value that fits. */
  write(bytes: Uint8Array, value: number): void {
    let rest = value;
    for (let at = this.#end - 1; at >= this.#start; at--) {
      const tens = Math.floor(rest / 10);
      bytes[at] = 0x30 + (rest - tens * 10);
      rest = tens;
    }
  }
}
