import { isUtf8 } from "node:buffer";
import { FedbusError } from "./errors.js";
import type { EventLimits } from "./event-limits.js";
import { faultInJson } from "./json-reader.js";

/**
 * One event's bytes, parsed with every check in the order that is safe: size, UTF-8, then the text.
 * Throws EVENT_TOO_LARGE, JSON_NOT_UTF8, JSON_INVALID, JSON_TOO_DEEP, JSON_DUPLICATE_KEY,
 * JSON_FORBIDDEN_KEY or JSON_NUMBER_UNSAFE, whose details say where.
 */
export function readEvent(bytes: Buffer, limits: EventLimits): unknown {
  const { eventBytesMax, depthMax } = limits;
  if (bytes.length > eventBytesMax)
    throw new FedbusError("EVENT_TOO_LARGE", `the event is larger than ${eventBytesMax} bytes`, {
      details: { bytes: bytes.length, eventBytesMax },
    });
  if (!isUtf8(bytes)) throw new FedbusError("JSON_NOT_UTF8", "the event's bytes are not UTF-8");
  const text = bytes.toString("utf8");
  const fault = faultInJson(text, depthMax);
  if (fault === undefined) return JSON.parse(text);
  const { code, message, ...details } = fault;
  throw new FedbusError(code, message, { details });
}
