import { isUtf8 } from "node:buffer";
import { FedbusError } from "../../schemas/errors.js";

/** The text of `bytes`. Throws JSON_NOT_UTF8, saying where, and so puts no U+FFFD in place of what was sent. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const byte = faultIn(bytes);
  throw new FedbusError("JSON_NOT_UTF8", `the record is not UTF-8, from its byte ${byte} on`, {
    details: { byte },
  });
}

/** How many bytes stand before the first character that is none: found by halves, as what begins well is known. */
function faultIn(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (beginsWell(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // A character that was begun there is no good one either.
  while (!isUtf8(bytes.subarray(0, good))) good--;
  return good;
}

function beginsWell(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
