import type { Delivery } from "../destination.js";
import { blame, deliveryRefused } from "../failures.js";
import type { FileState } from "./file-state.js";
import type { Columns, RecordFormat } from "./record-format.js";
import { placeFor, type Rotation } from "./rotation.js";

/** Text to be written to one file, from a position on. */
export interface Piece {
  readonly file: number;
  readonly from: number;
  readonly lines: string[];
}

/**
 * What a batch adds, worked out before anything is written: a refused event changes nothing on disk.
 * Events that are there already are left out, which is what makes a resend harmless.
 */
export class FilePlan {
  readonly pieces: Piece[] = [];
  readonly #format: RecordFormat;
  readonly #rotation: Rotation;
  #state: FileState;

  /** Throws DELIVERY_REFUSED, naming the event. */
  constructor(
    batch: readonly Delivery[],
    before: FileState,
    format: RecordFormat,
    rotation: Rotation,
  ) {
    this.#state = before;
    this.#format = format;
    this.#rotation = rotation;
    for (const delivery of batch) if (delivery.offset >= this.#state.next) this.#add(delivery);
  }

  /** What holds once all is written. */
  get state(): FileState {
    return this.#state;
  }

  #add(delivery: Delivery): void {
    const { next: _, at, ...kept } = this.#state;
    const stream = checkedStream(delivery, kept.stream);
    const columns = kept.columns ?? this.#format.columnsFrom(delivery);
    const line = this.#line(delivery, columns);
    const place = placeFor(at, Buffer.byteLength(line), delivery.recordedAt, this.#rotation);
    const text = place.bytes === 0 ? this.#format.header(columns) + line : line;
    const last = this.pieces.at(-1);
    if (last?.file === place.file) last.lines.push(text);
    else this.pieces.push({ file: place.file, from: place.bytes, lines: [text] });
    this.#state = {
      ...kept,
      next: delivery.offset + 1,
      at: { ...place, bytes: place.bytes + Buffer.byteLength(text) },
      stream,
      ...(columns !== undefined && { columns }),
    };
  }

  #line(delivery: Delivery, columns: Columns | undefined): string {
    try {
      return this.#format.line(delivery, columns);
    } catch (error) {
      throw blame(error, delivery.offset);
    }
  }
}

/** The stream that ids name; the offsets of another one would be taken for resends. */
function checkedStream({ id, offset }: Delivery, known: string | undefined): string {
  const stream = id.slice(0, id.lastIndexOf(":"));
  if (known === undefined || known === stream) return stream;
  const message = `the files hold the events of ${known}, not of ${stream}: use another name`;
  throw deliveryRefused(message, { known, stream, offset });
}
