import { isFedbusError } from "../../../schemas/errors.js";
import type { Delivery, Destination } from "../destination.js";
import { blame, deliveryFailed } from "../failures.js";
import { Turns } from "../turns.js";
import {
  checkPostgresOptions,
  type PostgresOptions,
  postgresDefaults,
} from "./postgres-options.js";
import { Session } from "./session.js";
import { isOfOneEvent, sqlFailure } from "./sql-failure.js";
import { type ColumnTypes, Table } from "./table.js";

/**
 * Writes each event as a row of a PostgreSQL table, a batch in one transaction; a row of the same key is
 * replaced, unless it is of a later event. Needs the package `pg`. Throws OPTIONS_INVALID.
 */
export function postgres(options: PostgresOptions): Destination {
  checkPostgresOptions(options);
  return new Postgres({ ...postgresDefaults, ...options });
}

/** What the table looks like over a connection. */
interface Prepared {
  readonly types: ColumnTypes;
  readonly insert: string;
}

class Postgres implements Destination {
  readonly #options: PostgresOptions & typeof postgresDefaults;
  readonly #table: Table;
  readonly #where: string;
  readonly #turns: Turns;
  #session: Session | undefined;
  #prepared: Prepared | undefined;

  constructor(options: PostgresOptions & typeof postgresDefaults) {
    this.#options = options;
    this.#table = new Table(options);
    this.#where = `postgres ${this.#table.name}`;
    this.#turns = new Turns(this.#where);
  }

  deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    return this.#turns.take(signal, () => this.#untilAborted(signal, () => this.#deliver(batch)));
  }

  close(): Promise<void> {
    return this.#turns.close(async () => this.#session?.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Aborting ends the connection: whether the batch was stored is then unknown, and does not matter. */
  async #untilAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const stop = (): void => this.#session?.break();
    signal.addEventListener("abort", stop, { once: true });
    try {
      await work();
    } catch (error) {
      if (!isFedbusError(error) && !isOfOneEvent(error)) this.#drop();
      if (signal.aborted)
        throw deliveryFailed(`${this.#where}: the delivery was broken off`, {}, signal.reason);
      throw isFedbusError(error) ? error : sqlFailure(this.#where, error);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async #deliver(batch: readonly Delivery[]): Promise<void> {
    if (batch.length === 0) return;
    const session = await this.#usable();
    const { types, insert } = this.#prepared!;
    const rows = batch.map((delivery) => this.#row(delivery, types));
    try {
      await session.query(insert, [JSON.stringify(rows)]);
    } catch (error) {
      if (isOfOneEvent(error)) await this.#blameOne(batch, rows, session, insert);
      throw error;
    }
  }

  #row(delivery: Delivery, types: ColumnTypes): object {
    try {
      return this.#table.rowOf(delivery, types);
    } catch (error) {
      throw blame(error, delivery.offset);
    }
  }

  /** A connection over which the table has been looked at. */
  async #usable(): Promise<Session> {
    if (this.#prepared !== undefined && this.#session?.usable === true) return this.#session;
    this.#drop();
    const session = await Session.make(this.#options);
    this.#session = session;
    await session.connect();
    if (this.#options.create) await session.query(this.#table.createStatement);
    const types = await columnTypes(session, this.#table.name);
    this.#table.checkColumns(types);
    this.#prepared = { types, insert: this.#table.insertStatement(types) };
    return session;
  }

  /** Tries the events alone, in a transaction that is undone, to find which one the server refuses. */
  async #blameOne(
    batch: readonly Delivery[],
    rows: readonly object[],
    session: Session,
    insert: string,
  ): Promise<void> {
    await session.query("BEGIN");
    for (const [index, row] of rows.entries())
      try {
        await session.query(insert, [JSON.stringify([row])]);
      } catch (error) {
        await session.query("ROLLBACK");
        throw blame(sqlFailure(this.#where, error), batch[index]!.offset);
      }
    await session.query("ROLLBACK");
  }

  /** The next delivery connects anew. */
  #drop(): void {
    this.#session?.break();
    this.#session = undefined;
    this.#prepared = undefined;
  }
}

async function columnTypes(session: Session, table: string): Promise<ColumnTypes> {
  const rows = await session.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return new Map((rows as { name: string; type: string }[]).map(({ name, type }) => [name, type]));
}
