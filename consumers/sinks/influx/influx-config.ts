import {
  type ConfigSchema,
  choiceMember,
  configOf,
  flagMember,
  type Member,
  mapMember,
  sourceMember,
  textMember,
  wholeMember,
} from "../config-member.js";
import { httpMembers } from "../http/http-config.js";
import { type InfluxOptions, influxDefaults } from "./influx-options.js";

const types = ["float", "integer", "unsigned", "text", "boolean"];

const members: Readonly<Record<keyof InfluxOptions, Member>> = {
  ...httpMembers,
  bucket: textMember("of InfluxDB 2 or 3"),
  org: textMember("of the bucket, in InfluxDB 2"),
  database: textMember("of InfluxDB 1, instead of a bucket"),
  token: textMember("sent as authorization"),
  measurement: textMember("a name, or a JSON pointer", influxDefaults.measurement),
  tags: mapMember("tag names, and a JSON pointer into the delivery for each"),
  fields: mapMember(
    "field names, and where each is",
    sourceMember(choiceMember("as what it is stored", types)),
  ),
  precision: choiceMember("of timestamps", ["ns", "us", "ms", "s"], influxDefaults.precision),
  uniqueTimestamps: flagMember("keeps events of one moment apart; default: true in ns"),
  requestLinesMax: wholeMember("lines in a request", influxDefaults.requestLinesMax),
  requestBytesMax: wholeMember("bytes in a request", influxDefaults.requestBytesMax),
};

/** The JSON Schema of `influx`'s options, for a sink that takes them from its configuration. */
export const influxConfig: ConfigSchema = configOf(["url", "fields"], members);
