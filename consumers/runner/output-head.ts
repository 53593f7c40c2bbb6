import { DecimalField } from "./decimal-field.js";
import { type OutputIds, prefixAt, stampBytes } from "./output-id.js";

/** What is the same in all outputs of a topic. */
export interface HeadParts {
  /** The envelope's text up to its id. */
  readonly opening: string;
  /** The cause's text up to its offset. */
  readonly by: string;
  readonly ids: OutputIds;
}

const timestamp = `","timestamp":`;
const sequence = `,"i":`;
const headers = `,"headers":{`;
/** What stands between the cause's members and the body. */
export const beforeBody = `}},"msg":`;

/**
 * What stands before the body in the envelopes of a topic. From one output to the next only few characters
 * of it change, at the same places: they are written over the last ones. Writing each head anew as text
 * takes several times as long.
 */
export class OutputHead {
  readonly #parts: HeadParts;
  #bytes = Buffer.alloc(0);
  #open = this.#bytes;
  #now = Number.NaN;
  #prefix = "";
  #seconds = "";
  #secondsAt = 0;
  #stampAt = 0;
  #i = DecimalField.none;
  #offset = DecimalField.none;

  constructor(parts: HeadParts) {
    this.#parts = parts;
  }

  /** Up to the body, for the output that is `index` among those of its cause and group. Until the next call. */
  bytesOf(now: number, offset: number, group: number, index: number): Buffer {
    this.#stamp(now, offset, group, index);
    return this.#bytes;
  }

  /** Up to the cause's offset. Until the next call. */
  openOf(now: number, offset: number, group: number, index: number): Buffer {
    this.#stamp(now, offset, group, index);
    return this.#open;
  }

  /** Up to the cause's offset, as text, with `own` members of the headers before the cause. */
  textOf(own: string, now: number, offset: number, group: number, index: number): string {
    const { opening, by, ids } = this.#parts;
    const id = ids.idOf(now, offset, group, index);
    return `${opening}${id}${timestamp}${now / 1000}${sequence}${index + 1}${headers}${own}${by}${offset}`;
  }

  #stamp(now: number, offset: number, group: number, index: number): void {
    if (now !== this.#now) this.#turn(now);
    if (!this.#offset.fits(offset) || !this.#i.fits(index + 1))
      this.#render(now, offset, group, index);
    this.#i.write(this.#bytes, index + 1);
    this.#offset.write(this.#bytes, offset);
    this.#parts.ids.stamp(this.#bytes, this.#stampAt, offset, group, index);
  }

  /** Another time: it is written over the last one, if it has as many characters. */
  #turn(now: number): void {
    const [seconds, prefix] = [String(now / 1000), prefixAt(now)];
    const isAsLong =
      seconds.length === this.#seconds.length && prefix.length === this.#prefix.length;
    this.#now = now;
    this.#seconds = seconds;
    this.#prefix = prefix;
    if (!isAsLong) this.#offset = DecimalField.none;
    else {
      this.#bytes.write(prefix, this.#parts.opening.length);
      this.#bytes.write(seconds, this.#secondsAt);
    }
  }

  #render(now: number, offset: number, group: number, index: number): void {
    const { opening } = this.#parts;
    const text = this.textOf("", now, offset, group, index);
    this.#bytes = Buffer.from(text + beforeBody);
    this.#open = this.#bytes.subarray(0, -beforeBody.length);
    this.#stampAt = opening.length + this.#prefix.length;
    this.#secondsAt = this.#stampAt + stampBytes + timestamp.length;
    const iAt = this.#secondsAt + this.#seconds.length + sequence.length;
    this.#i = DecimalField.of(iAt, index + 1);
    const offsetAt = this.#open.length - String(offset).length;
    this.#offset = DecimalField.of(offsetAt, offset);
  }
}
