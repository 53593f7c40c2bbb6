import { FedbusError } from "../../../schemas/index.js";
import { memberOf } from "../../field.js";
import { bodyPath } from "../body.js";
import type { Item } from "../item.js";

/** What an item is told apart by: a path of the body's member, or a function. */
export type ItemKey = string | ((item: Item) => string | number | undefined);

/** Takes an item's key, as text; undefined if it has none. Throws OPTIONS_INVALID. */
export function itemKeyOf(key: ItemKey): (item: Item) => string | undefined {
  const names = typeof key === "string" ? bodyPath(key) : [];
  const keyIn = typeof key === "function" ? key : (item: Item) => memberOf(item.msg, names);
  return (item) => {
    const value = keyIn(item);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

/** The name of the table that a step keeps its state in: given, or made of what it does to which member. */
export function tableOf(given: string | undefined, kind: string, names: readonly string[]): string {
  const name =
    given ??
    [kind, ...names]
      .join("-")
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]/g, "-");
  if (!/^[a-z0-9-]{1,64}$/.test(name))
    throw new FedbusError("OPTIONS_INVALID", `${kind}: a table cannot be called ${name}`);
  return name;
}

/** Whether a value is a number that can be reckoned with. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
