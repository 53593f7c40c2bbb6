import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { NexmarkEvent } from "../generator/generator.js";

/** One row of a result. */
export type Row = Readonly<Record<string, number | string>>;

/** An event as it lies in a log. */
export interface LoggedEvent {
  readonly event: NexmarkEvent;
  /** When it was recorded, ms since 1970: its processing time. */
  readonly recordedAt: number;
}

/** One core, and nothing from the network. */
const config = {
  threads: "1",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
};

const columns = {
  person: {
    id: "BIGINT",
    name: "VARCHAR",
    emailAddress: "VARCHAR",
    creditCard: "VARCHAR",
    city: "VARCHAR",
    state: "VARCHAR",
    dateTime: "BIGINT",
    extra: "VARCHAR",
  },
  auction: {
    id: "BIGINT",
    itemName: "VARCHAR",
    description: "VARCHAR",
    initialBid: "BIGINT",
    reserve: "BIGINT",
    dateTime: "BIGINT",
    expires: "BIGINT",
    seller: "BIGINT",
    category: "BIGINT",
    extra: "VARCHAR",
  },
  bid: {
    auction: "BIGINT",
    bidder: "BIGINT",
    price: "BIGINT",
    dateTime: "BIGINT",
    extra: "VARCHAR",
  },
} as const satisfies Record<NexmarkEvent["kind"], Record<string, "BIGINT" | "VARCHAR">>;

/**
 * Answers queries in SQL over a finished stream, by DuckDB in memory: it shares nothing with the code
 * whose results it judges. The tables `person`, `auction` and `bid` have the records' fields, times in
 * ms since 1970, and `place`, the event's place in the stream, and `recordedAt`.
 */
export class Oracle {
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;

  private constructor(connection: DuckDBConnection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  static async open(events: Iterable<LoggedEvent>): Promise<Oracle> {
    const instance = await DuckDBInstance.create(":memory:", config);
    const connection = await instance.connect();
    await load(connection, events);
    return new Oracle(connection, () => {
      connection.closeSync();
      instance.closeSync();
    });
  }

  /** All rows of the result. Numbers must lie within the safe integers. */
  async rows(sql: string): Promise<readonly Row[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map((row) => {
      const entries = Object.entries(row).map(
        ([name, value]) => [name, typeof value === "string" ? value : Number(value)] as const,
      );
      return Object.fromEntries(entries);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }
}

async function load(connection: DuckDBConnection, events: Iterable<LoggedEvent>): Promise<void> {
  for (const [table, fields] of Object.entries(columns)) {
    const list = Object.entries(fields).map(([name, type]) => `"${name}" ${type}`);
    const all = [...list, "place BIGINT", "recordedAt BIGINT"].join(", ");
    await connection.run(`CREATE TABLE ${table} (${all})`);
  }
  const appenders = {
    person: await connection.createAppender("person"),
    auction: await connection.createAppender("auction"),
    bid: await connection.createAppender("bid"),
  };
  let place = 0;
  for (const { event, recordedAt } of events) {
    const appender = appenders[event.kind];
    appendRecord(appender, event);
    appender.appendBigInt(BigInt(place++));
    appender.appendBigInt(BigInt(recordedAt));
    appender.endRow();
  }
  for (const appender of Object.values(appenders)) appender.closeSync();
}

function appendRecord(appender: DuckDBAppender, { kind, record }: NexmarkEvent): void {
  const fields: Readonly<Record<string, string | number>> = { ...record };
  for (const name of Object.keys(columns[kind])) {
    const value = fields[name]!;
    if (typeof value === "string") appender.appendVarchar(value);
    else appender.appendBigInt(BigInt(value));
  }
}
