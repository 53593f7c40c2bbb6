import type { ErrorJson } from "../../schemas/errors.js";
import { FedbusError } from "../../schemas/errors.js";
import { answerBytesMax, controlBytesMax } from "./limits.js";

/**
 * The control frame of every message between client and hub: one JSON object. Blocks follow as
 * further frames.
 *
 * ```
 * client to hub  {"id": 7, "op": "read", "params": {...}}  [block]
 * hub to client  {"id": 7, "result": {...}}                [block ...]
 *                {"id": 7, "error": {"code", "message", "details"}}
 * ```
 */
export interface Request {
  /** The client's own number for it, 1 to 2^53-1: the response carries the same. */
  readonly id: number;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorJson };

export function decodeRequest(bytes: Buffer): Request {
  const { id, op, params } = decodeObject(bytes);
  if (!Number.isSafeInteger(id) || typeof op !== "string")
    throw new FedbusError("PROTOCOL_INVALID", "a request needs a whole `id` and an `op`");
  if (params !== undefined && (typeof params !== "object" || params === null))
    throw new FedbusError("PROTOCOL_INVALID", "`params` must be an object");
  return { id: id as number, op, params: (params ?? {}) as Request["params"] };
}

export function decodeResponse(bytes: Buffer): Response {
  const { id, error, result } = decodeObject(bytes, answerBytesMax);
  if (!Number.isSafeInteger(id))
    throw new FedbusError("PROTOCOL_INVALID", "a response needs a whole `id`");
  return error === undefined
    ? { id: id as number, result }
    : { id: id as number, error: error as ErrorJson };
}

/** The answer as it is sent: one past the limit becomes an error, so that nobody asks for ever. */
export function encodeResponse(response: Response): Buffer {
  const bytes = Buffer.from(JSON.stringify(response));
  if (bytes.length <= answerBytesMax) return bytes;
  const error = new FedbusError("PROTOCOL_INVALID", "the answer is too large: ask for less");
  return encodeResponse({ id: response.id, error: error.toJSON() });
}

/** The id of a response that cannot be decoded, if it starts with one. */
export function idOfResponse(bytes: Buffer): number | undefined {
  const id = /^\{"id": ?(\d{1,16})[,}]/.exec(bytes.toString("latin1", 0, 32))?.[1];
  return id === undefined ? undefined : Number(id);
}

/** The one JSON object that the frame holds; PROTOCOL_INVALID otherwise. */
export function decodeObject(bytes: Buffer, bytesMax = controlBytesMax): Record<string, unknown> {
  if (bytes.length > bytesMax)
    throw new FedbusError("PROTOCOL_INVALID", "the control frame is too large");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new FedbusError("PROTOCOL_INVALID", "the control frame is not JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FedbusError("PROTOCOL_INVALID", "the control frame is not a JSON object");
  return value as Record<string, unknown>;
}
