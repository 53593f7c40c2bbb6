import { FedbusError } from "../../schemas/index.js";
import { memberOf } from "../field.js";
import type { Context } from "../plugin/context.js";
import { bodyPath, withMember, withoutMember } from "./body.js";
import type { Item, Step } from "./item.js";

type Given<Config, Value> = (item: Item, context: Context<Config>) => Value;

/** Lets through what `keep` says true of. */
export function filter<Config = unknown>(keep: Given<Config, boolean>): Step<Config> {
  return { run: (item, context) => (keep(item, context) ? item : undefined) };
}

/** Puts what `make` returns in the body's place. */
export function map<Config = unknown>(make: Given<Config, unknown>): Step<Config> {
  return {
    run(item, context) {
      const msg = make(item, context);
      return msg instanceof Promise
        ? msg.then((found) => ({ ...item, msg: found }))
        : { ...item, msg };
    },
  };
}

/** Adds the members that `find` returns to the body, which must be an object; undefined adds none. */
export function enrichWith<Config = unknown>(
  find: Given<Config, Found | Promise<Found>>,
): Step<Config> {
  return {
    run(item, context) {
      const found = find(item, context);
      return found instanceof Promise
        ? found.then((made) => added(item, made))
        : added(item, found);
    },
  };
}

type Found = Readonly<Record<string, unknown>> | undefined;

function added(item: Item, found: Found): Item {
  if (found === undefined) return item;
  return { ...item, msg: { ...(item.msg as object), ...found } };
}

/**
 * An item for each element of the array at a path, such as `msg.lines`. The element is the body; with `as` it
 * is the member of that name, and the others stay. What is no array gives none.
 */
export function split(path: string, options: { readonly as?: string } = {}): Step {
  const names = bodyPath(path);
  const { as } = options;
  return {
    run(item) {
      const elements = memberOf(item.msg, names);
      if (!Array.isArray(elements)) return undefined;
      const rest = as === undefined ? undefined : (withoutMember(item.msg, names) as object);
      return elements.map((element) => {
        return { ...item, msg: as === undefined ? element : { ...rest, [as]: element } };
      });
    },
  };
}

/** Moves members of the body: `{ "msg.from": "msg.to.here" }`. One that is missing is not moved. Throws OPTIONS_INVALID. */
export function rename(paths: Readonly<Record<string, string>>): Step {
  const moves = Object.entries(paths).map(([from, to]) => [bodyPath(from), bodyPath(to)] as const);
  return {
    run(item) {
      let { msg } = item;
      for (const [from, to] of moves) {
        const value = memberOf(msg, from);
        if (value !== undefined) msg = withMember(withoutMember(msg, from), to, value);
      }
      return { ...item, msg };
    },
  };
}

/** Sets the topic. */
export function to<Config = unknown>(topic: string | Given<Config, string>): Step<Config> {
  if (typeof topic !== "string" && typeof topic !== "function")
    throw new FedbusError("OPTIONS_INVALID", "to: it takes a topic or a function");
  return {
    run: (item, context) => ({
      ...item,
      topic: typeof topic === "string" ? topic : topic(item, context),
    }),
  };
}
