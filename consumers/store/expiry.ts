import type { Operation } from "../../bus/index.js";
import { expiryKey } from "./keys.js";

/** Entries that expire within the same minute are swept together. */
export const expiryMinuteMs = 60_000;

/** The index entry of a table's entry that is gone at `expires`, ms. */
export function expiryOperation(id: string, expires: number): Operation {
  const minute = Math.ceil(expires / expiryMinuteMs);
  return { type: "put", key: expiryKey(minute, id), value: Buffer.alloc(0) };
}
