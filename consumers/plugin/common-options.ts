import type { BusEvent } from "../../bus/index.js";
import { optional, type Rule, type Rules, text } from "../sinks/option-rules.js";
import type { OnFailure, WatermarkOptions } from "./consumer.js";

/** Options that every kind of consumer has. */
export interface CommonOptions {
  /** `[a-z0-9-]+`, at most 64 characters. */
  readonly name: string;
  /** Default "0". */
  readonly version?: string;
  /** Default "dead-letter". */
  readonly onFailure?: OnFailure;
  /** Default 5. */
  readonly attemptsMax?: number;
  readonly watermark?: WatermarkOptions;
}

const anything: Rule = () => undefined;

/** What `consumer` checks itself. */
export const commonRules: Rules<CommonOptions> = {
  name: anything,
  version: optional(text),
  onFailure: anything,
  attemptsMax: anything,
  watermark: anything,
};

/** Those of `options` that every kind of consumer has. */
export function commonOf(options: CommonOptions): CommonOptions {
  const { name, version, onFailure, attemptsMax, watermark } = options;
  return {
    name,
    ...(version !== undefined && { version }),
    ...(onFailure !== undefined && { onFailure }),
    ...(attemptsMax !== undefined && { attemptsMax }),
    ...(watermark !== undefined && { watermark: inWholeMs(watermark) }),
  };
}

/** The watermark by the same times that the handlers see. */
function inWholeMs(watermark: WatermarkOptions): WatermarkOptions {
  const { time } = watermark;
  return time === undefined
    ? watermark
    : { ...watermark, time: (event) => Math.floor(time(event)) };
}

/** An event's own time as a whole number of ms, as the watermark's options say. */
export function eventTime(watermark: WatermarkOptions = {}): (event: BusEvent) => number {
  const { time } = watermark;
  if (time === undefined) return (event) => event.timestamp;
  return (event) => {
    const at = Math.floor(time(event));
    if (!Number.isSafeInteger(at)) throw new TypeError(`an event's time cannot be ${at}`);
    return at;
  };
}
