import type { BusEvent } from "../../bus/index.js";
import { checkPattern } from "../../schemas/index.js";
import type { OnFailure, WatermarkOptions } from "./consumer.js";
import {
  aFunction,
  listOf,
  objectOf,
  oneOf,
  optional,
  orFunction,
  type Rule,
  type Rules,
  text,
  whole,
} from "./option-rules.js";

/** Options that every kind of consumer has. */
export interface CommonOptions<Config = unknown> {
  /** `[a-z0-9-]+`, at most 64 characters. */
  readonly name: string;
  /** Default "0". */
  readonly version?: string;
  /** JSON Schema of the configuration, an object. Default: there is none to give. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default "dead-letter". */
  readonly onFailure?: OnFailure;
  /** Default 5. */
  readonly attemptsMax?: number;
  readonly watermark?: WatermarkOptions | ((config: Config) => WatermarkOptions);
}

const nameGrammar = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** What consumers, rules and lookups can be called. */
export const aName: Rule = (value) =>
  typeof value === "string" && nameGrammar.test(value)
    ? undefined
    : "must be lower-case letters, digits and dashes, 64 at most";

/** A topic pattern. */
export const aPattern: Rule = (value) => {
  try {
    checkPattern(value as string);
    return undefined;
  } catch (error) {
    return `is no topic pattern, for ${(error as Error).message}`;
  }
};

/** Patterns of topics, or a function of the configuration that gives them. */
export const someTopics: Rule = orFunction(listOf(aPattern));

const aSchema: Rule = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? undefined
    : "must be a JSON Schema, an object";

const longestMs = 2 ** 42;

const watermarkRules: Rules<WatermarkOptions> = {
  time: optional(aFunction),
  outOfOrderMs: optional(whole(0, longestMs)),
  idleMs: optional(whole(0, longestMs)),
};

export const commonRules: Rules<CommonOptions> = {
  name: aName,
  version: optional(text),
  config: optional(aSchema),
  onFailure: optional(oneOf("dead-letter", "halt")),
  attemptsMax: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  watermark: optional(orFunction(objectOf(watermarkRules))),
};

/** Those of `options` that every kind of consumer has. */
export function commonOf<Config>(options: CommonOptions<Config>): CommonOptions<Config> {
  const { name, version, config, onFailure, attemptsMax, watermark } = options;
  return {
    name,
    ...(version !== undefined && { version }),
    ...(config !== undefined && { config }),
    ...(onFailure !== undefined && { onFailure }),
    ...(attemptsMax !== undefined && { attemptsMax }),
    ...(watermark !== undefined && {
      watermark: (given: Config) => inWholeMs(watermarkFor(watermark, given)),
    }),
  };
}

/** The watermark's options under a configuration. */
export function watermarkFor<Config>(
  watermark: CommonOptions<Config>["watermark"] = {},
  config: Config,
): WatermarkOptions {
  return typeof watermark === "function" ? watermark(config) : watermark;
}

/** The watermark by the same times that the handlers see. */
function inWholeMs(watermark: WatermarkOptions): WatermarkOptions {
  const { time } = watermark;
  return time === undefined
    ? watermark
    : { ...watermark, time: (event) => Math.floor(time(event)) };
}

/** An event's own time as a whole number of ms, as the watermark's options say. */
export function eventTime({ time }: WatermarkOptions): (event: BusEvent) => number {
  if (time === undefined) return (event) => event.timestamp;
  return (event) => {
    const at = Math.floor(time(event));
    if (!Number.isSafeInteger(at)) throw new TypeError(`an event's time cannot be ${at}`);
    return at;
  };
}
