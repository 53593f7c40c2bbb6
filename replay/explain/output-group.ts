import { OutputIds } from "../../consumers/index.js";
import { correctsHeader } from "../../consumers/runner/own-output.js";
import type { Envelope } from "../../schemas/index.js";

/**
 * The group of keys that an output was made in, which its `msg_id` depends on (see `OutputIds`);
 * undefined for an id that a promotion made.
 */
export function groupIn({ msg_id: id = "", timestamp = 0, i = 0, headers }: Envelope) {
  const { consumer, offset } = (headers?.cause ?? {}) as { consumer?: unknown; offset?: unknown };
  if (typeof consumer !== "string" || typeof offset !== "number") return undefined;
  if (headers?.[correctsHeader] !== undefined) return undefined;
  return new OutputIds(consumer).groupOf(id, Math.round(timestamp * 1000), offset, i - 1);
}
