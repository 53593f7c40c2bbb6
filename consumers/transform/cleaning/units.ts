import { createRequire } from "node:module";
import { FedbusError } from "../../../schemas/index.js";
import { memberOf } from "../../field.js";
import { bodyPath, withMember } from "../body.js";
import type { Step } from "../item.js";
import { isNumber } from "./keyed-step.js";

export interface CoerceUnitOptions {
  /** The unit that is wanted, such as `km/h`, `°C`, `kWh`: those that js-quantities knows. */
  readonly to: string;
  /** The path of the member that names a number's unit. */
  readonly unitAt?: string;
  /** A number's unit where nothing else names it. Default: the one that is wanted. */
  readonly from?: string;
}

/** Loaded with the first unit. */
const require = createRequire(import.meta.url);

/** Conversions that are remembered. */
const convertersMax = 1_000;
/** Characters of a unit: longer ones are unknown. */
const unitLengthMax = 64;

/** As people write temperatures, and what js-quantities calls them: a plain degree would be a difference. */
const temperatures: Readonly<Record<string, string>> = {
  "°C": "tempC",
  "°F": "tempF",
  K: "tempK",
};

/** A number, and perhaps a unit behind it. */
const quantity = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*)?$/;

/**
 * Brings a quantity to one unit: a number with its unit in another member, or text such as `60 mph`; the result
 * is a number. What cannot be converted, because the unit is unknown or of another kind or there is no number, becomes
 * null. Missing and null stay. The member that names the unit gets the new one in any case. Throws OPTIONS_INVALID.
 */
export function coerceUnit(path: string, { to, unitAt, from }: CoerceUnitOptions): Step {
  const names = bodyPath(path);
  const unitNames = unitAt === undefined ? undefined : bodyPath(unitAt);
  if (converterOf(to, to) === undefined)
    throw new FedbusError("OPTIONS_INVALID", `coerceUnit: unknown unit ${JSON.stringify(to)}`);
  const converters = new Map<string, Converter | undefined>();
  const convert = (value: number, unit: string): number | null => {
    if (!converters.has(unit)) {
      if (converters.size >= convertersMax) converters.clear();
      converters.set(unit, converterOf(unit, to));
    }
    const converted = converters.get(unit)?.(value);
    return isNumber(converted) ? converted : null;
  };
  return {
    run(item) {
      const value = memberOf(item.msg, names);
      const named = unitNames === undefined ? undefined : memberOf(item.msg, unitNames);
      if (value === undefined || value === null) {
        // What is filled in later is in the unit that is wanted.
        if (unitNames === undefined || typeof named !== "string") return item;
        return { ...item, msg: withMember(item.msg, unitNames, to) };
      }
      const [, digits = "", written] = quantity.exec(String(value)) ?? [];
      const unit = written?.trimEnd() ?? (typeof named === "string" ? named : (from ?? to));
      const number = digits === "" ? null : convert(Number(digits), unit);
      const msg = withMember(item.msg, names, number);
      return { ...item, msg: unitNames === undefined ? msg : withMember(msg, unitNames, to) };
    },
  };
}

type Converter = (value: number) => number;

/** Undefined if the units are unknown or of two kinds. */
function converterOf(from: string, to: string): Converter | undefined {
  if (from.length > unitLengthMax) return undefined;
  try {
    const Qty = require("js-quantities") as typeof import("js-quantities");
    const convert = Qty.swiftConverter(nameOf(from), nameOf(to));
    return typeof convert(1) === "number" ? convert : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(unit: string): string {
  return Object.hasOwn(temperatures, unit) ? temperatures[unit]! : unit;
}
