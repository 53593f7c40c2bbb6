import { refuse } from "../../../bus/kernel/options.js";
import {
  flag,
  mapOf,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../../plugin/option-rules.js";
import { addressProblems, type HttpOptions, httpRules } from "../http/http-options.js";
import { pointer } from "../pointer.js";

/** Where a field's value is, and as what it is stored. Default type: as JSON has it, numbers as float. */
export interface FieldSource {
  readonly from: string;
  readonly type?: "float" | "integer" | "unsigned" | "text" | "boolean";
}

/** The address is the server's, such as `https://influx.example:8086`. */
export interface InfluxOptions extends HttpOptions {
  /** InfluxDB 2 and 3. */
  readonly bucket?: string;
  /** Of the bucket, in InfluxDB 2. */
  readonly org?: string;
  /** InfluxDB 1, instead of a bucket. */
  readonly database?: string;
  /** Sent as `authorization: Token ...`. */
  readonly token?: string;
  /** A name, or a JSON pointer into the delivery. Default: `"/topic"`. */
  readonly measurement?: string;
  /** Tag names, and a JSON pointer for each. Default: none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Field names, and where each is. What an event lacks, or has as null, is left out. */
  readonly fields: Readonly<Record<string, string | FieldSource>>;
  /** Of the timestamps. Default: `"ns"`. */
  readonly precision?: "ns" | "us" | "ms" | "s";
  /**
   * InfluxDB keeps one point by measurement, tags and timestamp. This puts the offset into the digits that
   * an event's time leaves unused, so that events of the same moment do not replace each other. Only in
   * ns. Default: true in ns.
   */
  readonly uniqueTimestamps?: boolean;
  /** Lines in a request. Default: 5,000. */
  readonly requestLinesMax?: number;
  /** A request takes no further line that would make it larger. Default: 1 MiB. */
  readonly requestBytesMax?: number;
}

/** Defaults of `influx`. */
export const influxDefaults: Readonly<
  Required<
    Pick<
      InfluxOptions,
      "measurement" | "tags" | "precision" | "requestLinesMax" | "requestBytesMax"
    >
  >
> = Object.freeze({
  measurement: "/topic",
  tags: Object.freeze({}),
  precision: "ns",
  requestLinesMax: 5000,
  requestBytesMax: 1024 * 1024,
});

const type = oneOf("float", "integer", "unsigned", "text", "boolean");

const fieldSource: Rule = (value) => {
  if (typeof value === "string") return pointer(value);
  const [problem] = problemsByRules<FieldSource>(value as FieldSource, {
    from: pointer,
    type: optional(type),
  });
  return problem;
};

const measurement: Rule = (value) =>
  typeof value === "string" && value.startsWith("/") ? pointer(value) : text(value);

const token: Rule = (value) =>
  typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? undefined : "must be a token";

const rules: Rules<InfluxOptions> = {
  ...httpRules,
  bucket: optional(text),
  org: optional(text),
  database: optional(text),
  token: optional(token),
  measurement: optional(measurement),
  tags: optional(mapOf(pointer)),
  fields: mapOf(fieldSource),
  precision: optional(oneOf("ns", "us", "ms", "s")),
  uniqueTimestamps: optional(flag),
  requestLinesMax: optional(whole(1, 100_000)),
  requestBytesMax: optional(whole(1, 64 * 1024 * 1024)),
};

/** Throws OPTIONS_INVALID that names every problem. */
export function checkInfluxOptions(options: InfluxOptions): void {
  const problems = problemsByRules(options, rules);
  if (problems.length === 0) problems.push(...addressProblems(options), ...contradictions(options));
  refuse("influx", problems);
}

function contradictions(options: InfluxOptions): string[] {
  const problems: string[] = [];
  const { bucket, org, database, tags = {}, fields, precision = "ns" } = options;
  if ((bucket === undefined) === (database === undefined))
    problems.push("either bucket or database is needed");
  if (org !== undefined && bucket === undefined) problems.push("org goes with bucket");
  if (options.uniqueTimestamps === true && precision !== "ns")
    problems.push("uniqueTimestamps needs precision ns");
  const names = [...Object.keys(tags), ...Object.keys(fields)];
  const reserved = names.filter((name) => name === "time" || name.startsWith("_") || name === "");
  for (const name of reserved) problems.push(`${name || "an empty name"} is InfluxDB's own`);
  for (const name of Object.keys(tags))
    if (Object.hasOwn(fields, name)) problems.push(`${name} is both a tag and a field`);
  return problems;
}
