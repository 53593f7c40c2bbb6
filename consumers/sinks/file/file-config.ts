import {
  type ConfigSchema,
  choiceMember,
  configOf,
  flagMember,
  type Member,
  mapMember,
  textMember,
  wholeMember,
} from "../config-member.js";
import { type FileOptions, fileDefaults } from "./file-options.js";

const members: Readonly<Record<keyof FileOptions, Member>> = {
  dir: textMember("the folder of the files, an absolute path"),
  name: textMember("what names begin with", fileDefaults.name),
  format: choiceMember("of the lines", ["ndjson", "csv"], fileDefaults.format),
  columns: mapMember("column names, and a JSON pointer into the delivery for each"),
  escapeFormulas: flagMember("CSV: makes formulas harmless", fileDefaults.escapeFormulas),
  fileBytesMax: wholeMember("size that no line may make a file exceed", fileDefaults.fileBytesMax),
  fileMs: wholeMember("the span of time that a file holds, ms"),
};

/** The JSON Schema of `file`'s options, for a sink that takes them from its configuration. */
export const fileConfig: ConfigSchema = configOf(["dir"], members);
