import type { RetentionRule } from "../bus/index.js";
import { given, parseCount, parseDuration, parseSize, wrongOption } from "./units.js";

export const keepOptions = {
  "keep-age": { type: "string", describe: "Remove events older than this: 30d" },
  "keep-bytes": { type: "string", describe: "Remove the oldest past this size: 10GB" },
  "keep-count": { type: "string", describe: "Remove the oldest past this many events" },
  keep: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "For one pattern: 'PATTERN=30d', '=10GB' or '=1000' (may be repeated)",
  },
} as const;

export interface KeepValues {
  readonly keepAge: string | undefined;
  readonly keepBytes: string | undefined;
  readonly keepCount: string | undefined;
  readonly keep: readonly string[];
}

/** The retention rules that the options ask for. Throws OPTIONS_INVALID. */
export function rulesFrom(values: KeepValues): RetentionRule[] {
  const ageMsMax = given(values.keepAge, (text) => parseDuration("--keep-age", text));
  const bytesMax = given(values.keepBytes, (text) => parseSize("--keep-bytes", text));
  const countMax = given(values.keepCount, (text) => parseCount("--keep-count", text));
  const whole = {
    ...(ageMsMax === undefined ? {} : { ageMsMax }),
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(countMax === undefined ? {} : { countMax }),
  };
  const rules = values.keep.map(ruleFrom);
  return Object.keys(whole).length > 0 ? [whole, ...rules] : rules;
}

/** A topic may hold `=`, so the last one ends the pattern. */
function ruleFrom(text: string): RetentionRule {
  const at = text.lastIndexOf("=");
  const pattern = text.slice(0, at);
  const limit = text.slice(at + 1);
  if (at < 1) throw wrongOption("--keep", text, "PATTERN=LIMIT, such as 'org.example.#=30d'");
  if (/^\d+$/.test(limit)) return { pattern, countMax: parseCount("--keep", limit) };
  if (/^[\d.]+ ?[kmgt]?i?b$/i.test(limit)) return { pattern, bytesMax: parseSize("--keep", limit) };
  return { pattern, ageMsMax: parseDuration("--keep", limit) };
}
