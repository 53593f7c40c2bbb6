import { FedbusError } from "../../../schemas/index.js";
import type { Context } from "../../plugin/context.js";
import type { Item, Step } from "../item.js";

export interface CountedOptions {
  /** The topic of what is dropped, as `{ reason, offset, topic, msg }`. Default: it is only counted. */
  readonly to?: string;
}

/** The table that counts are kept in, by reason: `fedbus state CONSUMER --table dropped`. */
const table = "dropped";

/**
 * A step that does as `step` does, and keeps count of the items that it drops: how many, by `reason`. In a
 * consumer with a key there is a count for each group of keys. Throws OPTIONS_INVALID.
 */
export function counted<Config = unknown>(
  reason: string,
  step: Step<Config>,
  { to }: CountedOptions = {},
): Step<Config> {
  if (typeof reason !== "string" || reason === "")
    throw new FedbusError("OPTIONS_INVALID", "counted: it takes the reason for dropping an item");
  if (step.table === table)
    throw new FedbusError("OPTIONS_INVALID", `counted: the step cannot use the table ${table} too`);
  const checked = (
    item: Item,
    context: Context<Config>,
    made: Item | readonly Item[] | undefined,
  ) => {
    if (made !== undefined && !(Array.isArray(made) && made.length === 0)) return made;
    const counts = context.table<number>(table);
    counts.put(reason, (counts.get(reason) ?? 0) + 1);
    if (to !== undefined) {
      const { offset, topic } = item.event;
      context.emit(to, { reason, offset, topic, msg: item.msg });
    }
    return undefined;
  };
  return {
    ...step,
    run(item, context) {
      const made = step.run(item, context);
      return made instanceof Promise
        ? made.then((found) => checked(item, context, found))
        : checked(item, context, made);
    },
  };
}
