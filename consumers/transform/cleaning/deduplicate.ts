import { FedbusError } from "../../../schemas/index.js";
import type { Step } from "../item.js";
import { type ItemKey, itemKeyOf, tableOf } from "./keyed-step.js";

export interface DeduplicateOptions {
  /** What makes two items the same. An item without it is let through. In a consumer with a key: that, too. */
  readonly by: ItemKey;
  /** For so much of the log's time after an item others like it are dropped. */
  readonly withinMs: number;
  /** Its state's table. Default: `seen`. */
  readonly table?: string;
}

/** Drops what was there already, within a time of the one that was let through. Throws OPTIONS_INVALID. */
export function deduplicate({ by, withinMs, table: given }: DeduplicateOptions): Step {
  if (!(Number.isSafeInteger(withinMs) && withinMs >= 1))
    throw new FedbusError("OPTIONS_INVALID", "deduplicate: withinMs is a whole number of ms");
  const keyIn = itemKeyOf(by);
  const table = tableOf(given, "seen", []);
  return {
    table,
    run(item, context) {
      const key = keyIn(item);
      if (key === undefined) return item;
      const seen = context.table<1>(table);
      if (seen.get(key) !== undefined) return undefined;
      seen.put(key, 1, { ttlMs: withinMs });
      return item;
    },
  };
}
