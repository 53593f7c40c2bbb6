/** Bytes that a buffer starts with. */
const initialBytes = 4 * 1024;

/** Events gathered as bytes: `[event,event,...`, and where each one ends. */
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
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Adds bytes to the event being written. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
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

  /** Adds a whole event, a text or bytes; how many bytes it has. */
  event(event: string | Uint8Array): number {
    if (typeof event === "string") this.text(event);
    else this.bytes(event);
    return this.endEvent();
  }

  /** Takes the last finished event back. */
  undoEvent(): void {
    this.#ends.pop();
    const end = this.#ends.at(-1);
    this.#length = this.#start = end === undefined ? 1 : end + 1;
  }

  /** Writes `[event,event,...]` of the finished events (at least one) to `target` at `at`. */
  copyTo(target: Buffer, at: number): void {
    this.#bytes.copy(target, at, 0, this.#start);
    target[at + this.#start - 1] = 0x5d;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const size = Math.max(this.#bytes.length * 2, this.#length + bytes);
    const larger = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
