import { createRequire } from "node:module";
import { pointerStep } from "../../../schemas/json-pointer.js";
import type { Delivery } from "../destination.js";
import { deliveryRefused } from "../failures.js";
import { type Reader, readerOf } from "../pointer.js";
import type { Columns, RecordFormat } from "./record-format.js";

const require = createRequire(import.meta.url);

/** What stands before the members of the body. */
const general: Columns = { offset: "/offset", timestamp: "/timestamp", topic: "/topic" };

/**
 * RFC 4180 with line feeds. No value is an empty cell, an empty text is `""`, and what is no single
 * value is its JSON text.
 */
export class CsvFormat implements RecordFormat {
  readonly extension = "csv";
  /** Loaded where a table is written. */
  readonly #stringify = (require("csv-stringify/sync") as typeof import("csv-stringify/sync"))
    .stringify;
  readonly #given: boolean;
  readonly #escapeFormulas: boolean;
  #columns: Columns | undefined;
  #readers: readonly Reader[] = [];
  #paths: ReadonlySet<string> = new Set();

  /** `given`: the columns were chosen by a person, who may leave members out. */
  constructor(given: boolean, escapeFormulas: boolean) {
    this.#given = given;
    this.#escapeFormulas = escapeFormulas;
  }

  columnsFrom(first: Delivery): Columns {
    const members = memberPaths(first.body);
    if (members === undefined) return { ...general, body: "/body" };
    // A member of the same name as a general column gets another: nothing is hidden.
    const named = members.map(({ name, path }) => [
      Object.hasOwn(general, name) ? `body.${name}` : name,
      path,
    ]);
    return { ...general, ...Object.fromEntries(named) };
  }

  header(columns: Columns = {}): string {
    return this.#write(Object.keys(columns));
  }

  line(delivery: Delivery, columns: Columns = {}): string {
    this.#use(columns);
    if (!this.#given) this.#checkMembers(delivery.body);
    return this.#write(this.#readers.map((read) => cell(read(delivery))));
  }

  #use(columns: Columns): void {
    if (columns === this.#columns) return;
    const paths = Object.values(columns);
    this.#columns = columns;
    this.#readers = paths.map(readerOf);
    this.#paths = new Set(paths);
  }

  #checkMembers(body: unknown): void {
    if (this.#paths.has("/body")) return;
    const paths = memberPaths(body)?.map(({ path }) => path) ?? ["/body"];
    const extra = paths.filter((path) => !this.#paths.has(path));
    if (extra.length === 0) return;
    throw deliveryRefused(`no column takes ${extra.join(", ")}; give \`columns\``, { extra });
  }

  #write(cells: readonly unknown[]): string {
    return this.#stringify([[...cells]], {
      escape_formulas: this.#escapeFormulas,
      quoted_empty: false,
      // An empty text, which no value is not; and what readers might trim.
      quoted_match: /^$|^\s|\s$/,
      cast: { boolean: String },
    });
  }
}

/** The body's members; undefined where it is no object. */
function memberPaths(body: unknown): { name: string; path: string }[] | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  return Object.keys(body).map((name) => ({ name, path: `/body${pointerStep(name)}` }));
}

function cell(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
