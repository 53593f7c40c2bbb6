import type { Delivery } from "../destination.js";
import { type Reader, readerOf } from "../pointer.js";
import type { Columns, RecordFormat } from "./record-format.js";

/** A JSON text a line. Members that an event lacks are left out. */
export class NdjsonFormat implements RecordFormat {
  readonly extension = "ndjson";
  readonly #readers: readonly (readonly [string, Reader])[] | undefined;

  /** Without columns, lines hold all there is. */
  constructor(columns: Columns | undefined) {
    this.#readers =
      columns && Object.entries(columns).map(([name, path]) => [name, readerOf(path)]);
  }

  columnsFrom(): undefined {
    return undefined;
  }

  header(): string {
    return "";
  }

  line(delivery: Delivery): string {
    const picked = this.#readers?.map(([name, read]) => [name, read(delivery)] as const);
    return `${JSON.stringify(picked ? Object.fromEntries(picked) : whole(delivery))}\n`;
  }
}

/** In a fixed order, so that a resend writes the same bytes. */
function whole(delivery: Delivery): object {
  const { offset, topic, recordedAt, timestamp, id, headers, body } = delivery;
  return { offset, topic, recordedAt, timestamp, id, headers, body };
}
