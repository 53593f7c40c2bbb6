import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { Context } from "../plugin/context.js";
import { correctsHeader } from "../runner/own-output.js";
import type { Item, Step } from "./item.js";
import type { TransformSpec } from "./transform.js";

/**
 * A `handle` for `transform` that sends each event through the steps, in their order. What comes
 * out is published under its topic, which a step must have set: `to` does. Throws OPTIONS_INVALID.
 */
export function pipe<Config = unknown>(
  ...steps: readonly Step<Config>[]
): TransformSpec<Config>["handle"] {
  check(steps);
  return (event, context) => run(steps, 0, [first(event)], context);
}

function first(event: BusEvent): Item {
  const { topic, msg, headers } = event.envelope;
  // They speak of the event's own place among the outputs of whoever published it.
  const { cause: _, [correctsHeader]: __, ...own } = headers ?? {};
  return Object.keys(own).length === 0
    ? { topic, msg, event }
    : { topic, msg, headers: own, event };
}

/** Steps from `at` on. It waits only where a step does. */
function run<Config>(
  steps: readonly Step<Config>[],
  at: number,
  items: readonly Item[],
  context: Context<Config>,
): readonly Item[] | Promise<readonly Item[]> {
  const step = steps[at];
  if (step === undefined || items.length === 0) return items.map(checked);
  const next: Item[] = [];
  for (const [index, item] of items.entries()) {
    const made = step.run(item, context);
    if (made instanceof Promise)
      return made.then(async (found) => {
        collect(next, found);
        for (const other of items.slice(index + 1)) collect(next, await step.run(other, context));
        return run(steps, at + 1, next, context);
      });
    collect(next, made);
  }
  return run(steps, at + 1, next, context);
}

function collect(items: Item[], made: Item | readonly Item[] | undefined): void {
  if (made === undefined) return;
  if (Array.isArray(made)) items.push(...(made as readonly Item[]));
  else items.push(made as Item);
}

/** What is published where it was read would be read again, and again. */
function checked(item: Item): Item {
  if (item.topic === item.event.topic)
    throw new FedbusError("TOPIC_INVALID", `a pipe would publish to the topic that it reads`, {
      details: { topic: item.topic },
    });
  return item;
}

function check(steps: readonly Step<never>[]): void {
  const tables = steps.flatMap(({ table }) => (table === undefined ? [] : [table]));
  const twice = tables.find((table, at) => tables.indexOf(table) !== at);
  if (twice !== undefined)
    throw new FedbusError("OPTIONS_INVALID", `pipe: two steps share the table ${twice}: name one`);
}
