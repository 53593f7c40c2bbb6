/** Bytes that a buffer starts with. */
const initialBytes = 4 * 1024;
/** Texts up to this length are written by a loop here: a call into the runtime costs more. */
const shortText = 12;

/**
 * Events gathered as bytes: `[event,event,...`, and where each one ends. Texts go straight into the
 * bytes, so that an event which is published never becomes a string of its own.
 */
export class EventBuffer {
  #bytes = Buffer.allocUnsafeSlow(initialBytes);
  #length = 1;
  /** Where the event being written starts. */
  #start = 1;
  readonly #ends: number[] = [];

  constructor() {
    this.#bytes[0] = 0x5b;
  }

  /** Finished events. */
  get count(): number {
    return this.#ends.length;
  }

  /** Bytes of the finished events, with their commas. */
  get size(): number {
    return this.#start - 1;
  }

  /** For each finished event, the position after its last byte, counted from the bracket. */
  get ends(): readonly number[] {
    return this.#ends;
  }

  /** Adds a text to the event being written. */
  text(text: string): void {
    if (text.length > shortText || !this.#shortText(text)) {
      this.#reserve(text.length * 3);
      this.#length += this.#bytes.write(text, this.#length);
    }
  }

  /** Adds bytes to the event being written. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Lets `write` put `count` bytes at a place in a buffer. */
  direct(count: number, write: (bytes: Buffer, at: number) => void): void {
    this.#reserve(count);
    write(this.#bytes, this.#length);
    this.#length += count;
  }

  /** Finishes the event; how many bytes it has. */
  endEvent(): number {
    const bytes = this.#length - this.#start;
    this.#ends.push(this.#length);
    this.#reserve(1);
    this.#bytes[this.#length++] = 0x2c;
    this.#start = this.#length;
    return bytes;
  }

  /** Takes the last finished event back. */
  undoEvent(): void {
    this.#ends.pop();
    const end = this.#ends.at(-1);
    this.#length = this.#start = end === undefined ? 1 : end + 1;
  }

  /** Writes `[event,event,...]` of the finished events (at least one) to `target` at `at`. */
  copyTo(target: Buffer, at: number): number {
    this.#bytes.copy(target, at, 0, this.#start);
    target[at + this.#start - 1] = 0x5d;
    return this.#start;
  }

  /** The finished event at `index`, as text. */
  textOf(index: number): string {
    const start = index === 0 ? 1 : this.#ends[index - 1]! + 1;
    return this.#bytes.toString("utf8", start, this.#ends[index]);
  }

  #shortText(text: string): boolean {
    this.#reserve(shortText);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.#length = at;
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
