import { FedbusError } from "../../../schemas/index.js";
import { memberOf } from "../../field.js";
import type { Table } from "../../plugin/table.js";
import { bodyPath, withMember } from "../body.js";
import type { Step } from "../item.js";
import { type ItemKey, isNumber, itemKeyOf, tableOf } from "./keyed-step.js";

/** What goes where a value is missing. */
export type Filling =
  | { readonly constant: unknown }
  /** The value that the key had last. */
  | "last"
  /** The mean of the key's numbers so far. */
  | "mean";

export interface FillMissingOptions {
  readonly with: Filling;
  /** What values belong together. Default: all. In a consumer with a key, what shares one. */
  readonly by?: ItemKey;
  /** Its state's table. Default: `fill-` and the member's path. */
  readonly table?: string;
}

type Mean = { count: number; mean: number };

/**
 * Fills in a member of the body that is missing or null. Where there is nothing to fill it with yet, it
 * stays as it is. Throws OPTIONS_INVALID.
 */
export function fillMissing(path: string, options: FillMissingOptions): Step {
  const names = bodyPath(path);
  const filling = options.with;
  if (typeof filling === "object" && filling !== null && Object.hasOwn(filling, "constant")) {
    const { constant } = filling;
    return {
      run: (item) =>
        isMissing(memberOf(item.msg, names))
          ? { ...item, msg: withMember(item.msg, names, constant) }
          : item,
    };
  }
  if (filling !== "last" && filling !== "mean")
    throw new FedbusError("OPTIONS_INVALID", "fillMissing: with last, mean or { constant }");
  const keyIn = itemKeyOf(options.by ?? (() => ""));
  const table = tableOf(options.table, "fill", names);
  const [note, known] = filling === "last" ? [noteLast, knownLast] : [noteMean, knownMean];
  return {
    table,
    run(item, context) {
      const key = keyIn(item);
      if (key === undefined) return item;
      const value = memberOf(item.msg, names);
      const state = context.table(table);
      if (!isMissing(value)) {
        note(state, key, value);
        return item;
      }
      const found = known(state, key);
      return found === undefined ? item : { ...item, msg: withMember(item.msg, names, found) };
    },
  };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function noteLast(state: Table, key: string, value: unknown): void {
  state.put(key, value);
}

function knownLast(state: Table, key: string): unknown {
  return state.get(key);
}

function noteMean(state: Table, key: string, value: unknown): void {
  if (!isNumber(value)) return;
  const mean = (state.get(key) as Mean | undefined) ?? { count: 0, mean: 0 };
  mean.count++;
  mean.mean += (value - mean.mean) / mean.count;
  state.put(key, mean);
}

function knownMean(state: Table, key: string): number | undefined {
  return (state.get(key) as Mean | undefined)?.mean;
}
