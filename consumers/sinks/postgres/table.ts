import type { Delivery } from "../destination.js";
import { deliveryRefused } from "../failures.js";
import { type Reader, readerOf } from "../pointer.js";
import { type ColumnSource, type PostgresOptions, postgresDefaults } from "./postgres-options.js";

interface Column {
  readonly name: string;
  readonly read: Reader;
  /** Where the table is yet to be made. */
  readonly type: string;
}

/** Types of columns by name, as the server has them. */
export type ColumnTypes = ReadonlyMap<string, string>;

/** What the members of a delivery are in a table that is made for them. */
const typesByPointer: Readonly<Record<string, string>> = {
  "/offset": "bigint",
  "/topic": "text",
  "/id": "text",
  "/recordedAt": "timestamptz",
  "/timestamp": "timestamptz",
};

/** The table that checked options describe: its statements, and events as its rows. */
export class Table {
  /** Quoted, with its schema if one was given. */
  readonly name: string;
  readonly #columns: readonly Column[];
  readonly #key: readonly string[];
  readonly #offset: string;

  constructor(options: PostgresOptions) {
    const { schema, table, columns, offsetColumn, key } = { ...postgresDefaults, ...options };
    this.name = [schema, table]
      .flatMap((part) => part ?? [])
      .map(quoted)
      .join(".");
    this.#offset = offsetColumn;
    this.#key = key ?? [offsetColumn];
    const sources = Object.entries(columns).map(([name, given]) => column(name, given));
    this.#columns = [column(offsetColumn, "/offset"), ...sources];
  }

  get createStatement(): string {
    const lines = this.#columns.map(({ name, type }) => `${quoted(name)} ${type}`);
    const all = [...lines, `PRIMARY KEY (${list(this.#key)})`].join(", ");
    return `CREATE TABLE IF NOT EXISTS ${this.name} (${all})`;
  }

  /** Throws DELIVERY_REFUSED unless the server's table has all the columns. */
  checkColumns(types: ColumnTypes): void {
    if (types.size === 0)
      throw deliveryRefused(`there is no table ${this.name}: make it, or set \`create\``);
    const missing = this.#columns.map(({ name }) => name).filter((name) => !types.has(name));
    if (missing.length > 0)
      throw deliveryRefused(`table ${this.name} has no column ${missing.join(", ")}`, { missing });
  }

  /**
   * Takes the rows as one JSON text. Of rows of one key the one with the highest offset counts, in the
   * batch and in the table: so no resend brings an older one back.
   */
  insertStatement(types: ColumnTypes): string {
    const names = this.#columns.map(({ name }) => name);
    const offset = quoted(this.#offset);
    const defined = names.map((name) => `${quoted(name)} ${types.get(name)}`).join(", ");
    const sets = names.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(", ");
    return `INSERT INTO ${this.name} AS old (${list(names)})
SELECT DISTINCT ON (${list(this.#key)}) ${list(names)}
FROM jsonb_to_recordset($1::jsonb) AS rows (${defined})
ORDER BY ${[...this.#key.map(quoted), `${offset} DESC`].join(", ")}
ON CONFLICT (${list(this.#key)}) DO UPDATE SET ${sets}
WHERE old.${offset} <= excluded.${offset}`;
  }

  /** Throws DELIVERY_REFUSED for an event without a key. */
  rowOf(delivery: Delivery, types: ColumnTypes): Readonly<Record<string, unknown>> {
    const values = this.#columns.map(({ name, read }) => {
      const value = read(delivery);
      if ((value === undefined || value === null) && this.#key.includes(name))
        throw deliveryRefused(`the event has no ${name}, which is of the key`);
      return [name, valueFor(types.get(name) ?? "", value)];
    });
    return Object.fromEntries(values) as Record<string, unknown>;
  }
}

function column(name: string, given: string | ColumnSource): Column {
  const source: ColumnSource = typeof given === "string" ? { from: given } : given;
  const type = source.type ?? typesByPointer[source.from] ?? "jsonb";
  return { name, read: readerOf(source.from), type };
}

/** Numbers become times as milliseconds since 1970. */
function valueFor(type: string, value: unknown): unknown {
  if (typeof value !== "number" || !/^(?:timestamp|date)/.test(type)) return value;
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) throw deliveryRefused(`${value} is out of the range of times`);
  return time.toISOString();
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}
