/** Bytes that a buffer starts with. */
const initialBytes = 4 * 1024;
/** Texts that wait to be written together, characters: a write of each alone takes twice as long. */
const waitingMax = 8 * 1024;

/** Events gathered as bytes: `[event,event,...`, and where each one ends. */
export class EventBuffer {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  /** What is written: the bracket, and each event with its comma. */
  #length = 1;
  #ends: number[] = [];
  /** Events not written yet, and their characters, a comma each included. */
  #waiting: string[] = [];
  #waitingLength = 0;

  constructor() {
    this.#bytes[0] = 0x5b;
  }

  get count(): number {
    return this.#ends.length + this.#waiting.length;
  }

  /** Bytes of the events, with their commas. Of those not written yet it counts the characters. */
  get size(): number {
    return this.#length - 1 + this.#waitingLength;
  }

  /** For each event, the position after its last byte, counted from the bracket. */
  get ends(): readonly number[] {
    this.write();
    return this.#ends;
  }

  /** Adds an event; false if it has more than `bytesMax` bytes, and is left out. */
  event(event: string | Uint8Array, bytesMax = Number.POSITIVE_INFINITY): boolean {
    if (typeof event !== "string") return this.#add(event, bytesMax);
    // No character has more than three bytes.
    if (event.length * 3 > bytesMax && Buffer.byteLength(event) > bytesMax) return false;
    this.#waiting.push(event);
    this.#waitingLength += event.length + 1;
    if (this.#waitingLength >= waitingMax) this.write();
    return true;
  }

  /**
   * Adds the event that begins with the bytes `head`, goes on with `rest` and ends with a `}`; false if it has
   * more than `bytesMax` bytes, and is left out.
   */
  envelope(head: Uint8Array, rest: string, bytesMax: number): boolean {
    const restMax = bytesMax - head.length - 1;
    if (rest.length * 3 > restMax && Buffer.byteLength(rest) > restMax) return false;
    this.write();
    this.#reserve(head.length + rest.length * 3 + 2);
    this.#bytes.set(head, this.#length);
    this.#length += head.length;
    this.#length += this.#bytes.write(rest, this.#length);
    this.#bytes[this.#length++] = 0x7d;
    this.#ends.push(this.#length);
    this.#bytes[this.#length++] = 0x2c;
    return true;
  }

  /** Writes what waits: from then on, `size` is exact. */
  write(): void {
    const texts = this.#waiting;
    if (texts.length === 0) return;
    this.#reserve(this.#waitingLength * 3);
    const start = this.#length;
    this.#length += this.#bytes.write(texts.join(","), start);
    this.#bytes[this.#length++] = 0x2c;
    const isAscii = this.#length - start === this.#waitingLength;
    let end = start - 1;
    for (const text of texts) {
      end += 1 + (isAscii ? text.length : Buffer.byteLength(text));
      this.#ends.push(end);
    }
    this.#waiting = [];
    this.#waitingLength = 0;
  }

  /** Writes `[event,event,...]` of the events (at least one) to `target` at `at`. */
  copyTo(target: Buffer, at: number): void {
    this.write();
    this.#bytes.copy(target, at, 0, this.#length);
    target[at + this.#length - 1] = 0x5d;
  }

  /** Empties it, to be filled again. */
  clear(): void {
    this.#length = 1;
    this.#ends = [];
    this.#waiting = [];
    this.#waitingLength = 0;
  }

  #add(event: Uint8Array, bytesMax: number): boolean {
    if (event.length > bytesMax) return false;
    this.write();
    this.#reserve(event.length + 1);
    this.#bytes.set(event, this.#length);
    this.#length += event.length;
    this.#ends.push(this.#length);
    this.#bytes[this.#length++] = 0x2c;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const size = Math.max(this.#bytes.length * 2, this.#length + bytes);
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
