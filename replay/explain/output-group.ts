import type { Envelope } from "../../schemas/index.js";
import { correctsHeader } from "../outputs/effective.js";

const grammar =
  /^\d{4}-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-([0-9a-f]{4})-([0-9a-f]{5})[0-9a-f]{7}$/;

/**
 * The group of keys that an output was made in, which stands in its `msg_id` (see `OutputIds`);
 * undefined for an id that a promotion made.
 */
export function groupIn({ msg_id: id = "", headers }: Envelope): number | undefined {
  const [, first, second] = grammar.exec(id) ?? [];
  if (first === undefined || second === undefined || headers?.[correctsHeader] !== undefined)
    return undefined;
  return ((Number.parseInt(first, 16) & 0xf) << 2) | ((Number.parseInt(second, 16) >>> 18) & 3);
}
