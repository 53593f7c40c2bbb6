import { cut } from "./cut.js";
import type { ErrorJson, FedbusError } from "./errors.js";

/** Why one event of a block was not taken. `index` is its place among those that were sent. */
export interface EventRefusal extends ErrorJson {
  readonly index: number;
}

const messageMax = 512;
const itemsMax = 32;

/** The refusal for `error`. What it quotes of the event, such as keys, is cut: it is stored. */
export function refusalOf(index: number, error: FedbusError): EventRefusal {
  const { code, message, details } = error.toJSON();
  const refusal = { index, code, message: cut(message, messageMax) };
  if (details === undefined) return refusal;
  const members = Object.entries(details).map(([name, value]) => [name, bounded(value)]);
  return { ...refusal, details: Object.fromEntries(members) };
}

function bounded(value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  return Array.isArray(value) ? value.slice(0, itemsMax) : value;
}
