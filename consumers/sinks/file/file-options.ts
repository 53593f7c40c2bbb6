import { isAbsolute } from "node:path";
import { refuse } from "../../../bus/kernel/options.js";
import {
  flag,
  mapOf,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  whole,
} from "../../plugin/option-rules.js";
import { pointer } from "../pointer.js";

export interface FileOptions {
  /** The folder, an absolute path; it is made if it is not there. */
  readonly dir: string;
  /** Files are named `NAME-00000001.ndjson` and so on. Default: `"events"`. */
  readonly name?: string;
  /** Default: `"ndjson"`. */
  readonly format?: "ndjson" | "csv";
  /**
   * Column names, and a JSON pointer into the delivery for each: `{ total: "/body/total" }`. Default: of
   * NDJSON, all there is; of CSV, what the first event has: its offset, timestamp and topic, and the
   * members of its body. An event with further members is then refused, so that nothing is left out
   * unseen.
   */
  readonly columns?: Readonly<Record<string, string>>;
  /** CSV: puts `'` before cells that a spreadsheet would take for a formula. Default: true. */
  readonly escapeFormulas?: boolean;
  /** A file takes no further line that would make it larger. Default: 256 MiB. */
  readonly fileBytesMax?: number;
  /** A file holds events that were recorded in one such span of time, ms, UTC. Default: in any. */
  readonly fileMs?: number;
}

/** Defaults of `file`. */
export const fileDefaults: Readonly<
  Required<Pick<FileOptions, "name" | "format" | "escapeFormulas" | "fileBytesMax">>
> = Object.freeze({
  name: "events",
  format: "ndjson",
  escapeFormulas: true,
  fileBytesMax: 256 * 1024 * 1024,
});

const plainName: Rule = (value) =>
  typeof value === "string" && /^[A-Za-z0-9][\w.-]{0,99}$/.test(value)
    ? undefined
    : "must be 1 to 100 letters, digits and _ . -";

/** A process of a consumer works in a hidden folder of its own: nobody would look for files there. */
const absolutePath: Rule = (value) =>
  typeof value === "string" && isAbsolute(value)
    ? undefined
    : "must be an absolute path, such as /data/orders";

const rules: Rules<FileOptions> = {
  dir: absolutePath,
  name: optional(plainName),
  format: optional(oneOf("ndjson", "csv")),
  columns: optional(mapOf(pointer)),
  escapeFormulas: optional(flag),
  fileBytesMax: optional(whole(1, 2 ** 50)),
  fileMs: optional(whole(1000, 366 * 86_400_000)),
};

/** Throws OPTIONS_INVALID that names every problem. */
export function checkFileOptions(options: FileOptions): void {
  refuse("file", problemsByRules(options, rules));
}
