import type { Delivery } from "../destination.js";

/** Column names, and the JSON pointer that each is read by. */
export type Columns = Readonly<Record<string, string>>;

/** How events become lines of a file. */
export interface RecordFormat {
  /** What names end with, without the dot. */
  readonly extension: string;
  /** The columns for these events, where nobody gave any; undefined if the format needs none. */
  columnsFrom(first: Delivery): Columns | undefined;
  /** What a file begins with. */
  header(columns: Columns | undefined): string;
  /** One line with its end, or several if texts hold breaks. Throws DELIVERY_REFUSED. */
  line(delivery: Delivery, columns: Columns | undefined): string;
}
