import { refuse } from "../../../bus/kernel/options.js";
import {
  flag,
  listOf,
  mapOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../../plugin/option-rules.js";
import { pointer } from "../pointer.js";

/** Where a column's value is in a delivery, and its type where the table is yet to be made. */
export interface ColumnSource {
  /** A JSON pointer such as `/body/total`. */
  readonly from: string;
  /** Default: `jsonb`; of the members beside body and headers, what they are. */
  readonly type?: string;
}

/** Where the server is. What is left out comes from the usual `PG...` variables. */
export interface PostgresConnection {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** true: TLS with the system's certificates; or the PEM of those to trust. Default: no TLS. */
  readonly ssl?: boolean | { readonly ca: string };
}

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or its parts. */
  readonly connection: string | PostgresConnection;
  readonly table: string;
  /** Default: the first of the search path. */
  readonly schema?: string;
  /**
   * Column names, and where each value is. Default: `topic`, `recorded_at`, `event_time`, `id`, `headers`
   * and `body` (the last two jsonb).
   */
  readonly columns?: Readonly<Record<string, string | ColumnSource>>;
  /** Columns of which a new value is a new row; the latest event of a key stays. Default: the offset. */
  readonly key?: readonly string[];
  /** The column (bigint) that holds the event's offset. Default: `"event_offset"`. */
  readonly offsetColumn?: string;
  /** Whether to make the table if it is not there. Default: false. */
  readonly create?: boolean;
  /** Default: 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** For one batch. Default: 30,000 ms. */
  readonly timeoutMs?: number;
}

/** Defaults of `postgres`. */
export const postgresDefaults: Readonly<
  Required<
    Pick<PostgresOptions, "columns" | "offsetColumn" | "create" | "connectTimeoutMs" | "timeoutMs">
  >
> = Object.freeze({
  columns: Object.freeze({
    topic: "/topic",
    recorded_at: "/recordedAt",
    event_time: "/timestamp",
    id: "/id",
    headers: "/headers",
    body: "/body",
  }),
  offsetColumn: "event_offset",
  create: false,
  connectTimeoutMs: 10_000,
  timeoutMs: 30_000,
});

/** PostgreSQL cuts longer names without a word, and two could become one. */
const nameBytesMax = 63;

const identifier: Rule = (value) =>
  typeof value === "string" &&
  value !== "" &&
  !value.includes("\0") &&
  Buffer.byteLength(value) <= nameBytesMax
    ? undefined
    : `must be a name of 1 to ${nameBytesMax} bytes`;

/** Words, a length or precision, and array brackets: nothing that could end the definition. */
const type: Rule = (value) =>
  typeof value === "string" &&
  /^[a-z][a-z0-9_]*(?: [a-z][a-z0-9_]*)*(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?$/i.test(value)
    ? undefined
    : "must be a type such as bigint or numeric(12,2)";

const columnSource: Rule = (value) => {
  if (typeof value === "string") return pointer(value);
  const source = value as ColumnSource;
  return problemsByRules<ColumnSource>(source, { from: pointer, type: optional(type) })[0];
};

const ssl: Rule = (value) =>
  typeof value === "boolean"
    ? undefined
    : problemsByRules<{ ca: string }>(value as { ca: string }, { ca: text })[0];

const connection: Rule = (value) => {
  if (typeof value === "string")
    return /^postgres(?:ql)?:\/\//.test(value) ? undefined : "must start with postgres://";
  const parts = value as PostgresConnection;
  return problemsByRules<PostgresConnection>(parts, {
    host: optional(text),
    port: optional(whole(1, 65_535)),
    user: optional(text),
    password: optional(text),
    database: optional(text),
    ssl: optional(ssl),
  })[0];
};

const rules: Rules<PostgresOptions> = {
  connection,
  table: identifier,
  schema: optional(identifier),
  columns: optional(mapOf(columnSource)),
  key: optional(listOf(identifier)),
  offsetColumn: optional(identifier),
  create: optional(flag),
  connectTimeoutMs: optional(whole(1, 2 ** 31 - 1)),
  timeoutMs: optional(whole(1, 2 ** 31 - 1)),
};

/** Throws OPTIONS_INVALID that names every problem. */
export function checkPostgresOptions(options: PostgresOptions): void {
  const problems = problemsByRules(options, rules);
  if (problems.length === 0) problems.push(...columnProblems(options));
  refuse("postgres", problems);
}

function columnProblems(options: PostgresOptions): string[] {
  const { columns, offsetColumn, key = [] } = { ...postgresDefaults, ...options };
  const problems = Object.keys(columns).flatMap((name) => {
    const must = identifier(name);
    return must === undefined ? [] : [`columns ${name} ${must}`];
  });
  if (Object.hasOwn(columns, offsetColumn))
    problems.push(`columns ${offsetColumn} is the offset's: set offsetColumn to another name`);
  for (const name of key)
    if (name !== offsetColumn && !Object.hasOwn(columns, name))
      problems.push(`key ${name} is not a column`);
  if (new Set(key).size < key.length) problems.push("key names a column twice");
  return problems;
}
