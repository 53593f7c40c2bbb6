import type { ErrorJson } from "../../schemas/errors.js";
import { FedbusError } from "../../schemas/errors.js";
import { canonicalPatterns } from "../../schemas/index.js";
import { decodeObject } from "./control.js";

/**
 * A broadcast message: `[key, header, block ...]`.
 *
 * `key` is the pattern set as a JSON array of canonical patterns. It is what a subscriber
 * subscribes to; since it ends with the array's bracket, no key is a prefix of another.
 *
 * `header` is `{"epoch", "prev", "next", "at"}`: the frame covers the offsets from `prev` (where the key's
 * frame before it ended) to `next`, exclusive, and its blocks hold every matching event of that
 * range. A reader whose place is before `prev` has missed a frame and reads the gap from the log.
 * A frame without blocks is the head beacon. `at`, where it is given, is the log's time: no event
 * from `next` on is recorded before it. In place of all that, the header of a key that the hub does
 * not serve is `{"error": {"code", "message", "details"}}`.
 */
export interface FrameHeader {
  readonly epoch: number;
  readonly prev: number;
  readonly next: number;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** Bytes of a key. Patterns are ASCII. */
export const keyBytesMax = 16 * 1024;

/** The key of a pattern set. Throws PATTERN_INVALID, also if it is longer than a hub takes. */
export function keyOf(patterns: readonly string[]): string {
  const key = JSON.stringify(canonicalPatterns(patterns));
  if (key.length <= keyBytesMax) return key;
  throw new FedbusError(
    "PATTERN_INVALID",
    `the patterns have ${key.length} bytes together, and ${keyBytesMax} are allowed`,
  );
}

/** The patterns that a key names; PROTOCOL_INVALID unless it is canonical. */
export function patternsOf(key: string): readonly string[] {
  if (key.length > keyBytesMax) throw invalidKey();
  let patterns: unknown;
  try {
    patterns = JSON.parse(key);
  } catch (cause) {
    throw new FedbusError("PROTOCOL_INVALID", "the subscription is not a JSON array", { cause });
  }
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === "string"))
    throw invalidKey();
  if (keyOf(patterns) !== key) throw invalidKey();
  return patterns;
}

function invalidKey(): FedbusError {
  return new FedbusError("PROTOCOL_INVALID", "the subscription is not a canonical pattern set");
}

export function encodeFrameHeader(header: FrameHeader): string {
  return JSON.stringify(header);
}

/** The header that refuses a key. */
export function encodeRefusedKey(error: FedbusError): string {
  return JSON.stringify({ error: error.toJSON() });
}

/** Throws what the hub refuses the key with, or PROTOCOL_INVALID. */
export function decodeFrameHeader(bytes: Buffer): FrameHeader {
  const { epoch, prev, next, at, error } = decodeObject(bytes);
  if (error !== undefined) throw FedbusError.fromJSON(error as ErrorJson);
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(prev) || !Number.isSafeInteger(next))
    throw new FedbusError("PROTOCOL_INVALID", "a broadcast header needs epoch, prev and next");
  if (at !== undefined && !Number.isSafeInteger(at))
    throw new FedbusError("PROTOCOL_INVALID", "a broadcast header's time is a whole number");
  const place = { epoch: epoch as number, prev: prev as number, next: next as number };
  return at === undefined ? place : { ...place, at: at as number };
}
