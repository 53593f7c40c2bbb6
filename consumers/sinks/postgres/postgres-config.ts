import {
  type ConfigSchema,
  configOf,
  flagMember,
  type Member,
  mapMember,
  sourceMember,
  textMember,
  textsMember,
  wholeMember,
} from "../config-member.js";
import { type PostgresOptions, postgresDefaults } from "./postgres-options.js";

const members: Readonly<Record<keyof PostgresOptions, Member>> = {
  connection: { type: ["string", "object"], description: "postgres://..., or its parts" },
  table: textMember("the table's name"),
  schema: textMember("the table's schema; default: the first of the search path"),
  columns: mapMember(
    "column names, and where each value is",
    sourceMember(textMember("the column's type, where the table is yet to be made")),
  ),
  key: textsMember("columns of which a new value is a new row; default: the offset"),
  offsetColumn: textMember("the column that holds the offset", postgresDefaults.offsetColumn),
  create: flagMember("whether to make the table if it is not there", postgresDefaults.create),
  connectTimeoutMs: wholeMember("for connecting", postgresDefaults.connectTimeoutMs),
  timeoutMs: wholeMember("for one batch", postgresDefaults.timeoutMs),
};

/** The JSON Schema of `postgres`'s options, for a sink that takes them from its configuration. */
export const postgresConfig: ConfigSchema = configOf(["connection", "table"], members);
