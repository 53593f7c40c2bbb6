import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { commonRules, someTopics } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import { type ConsumerSpec, consumer } from "../plugin/define.js";
import { someLookups } from "../plugin/lookup-options.js";
import { aFunction, optional, problemsByRules, type Rules } from "../plugin/option-rules.js";
import type { Output } from "./item.js";

/** What `handle` gives: nothing, an event, or several. */
export type Outputs = Output | readonly Output[] | undefined;

/** What `transform` takes: a consumer's options, and a `handle` that returns its outputs. */
export interface TransformSpec<Config = unknown>
  extends Omit<
    ConsumerSpec<Config>,
    "handle" | "create" | "timer" | "prefetchEventsMax" | "flush" | "note" | "close"
  > {
  /** Called for each event, in offset order. A promise only where something is waited for. */
  handle(event: BusEvent, context: Context<Config>): Outputs | Promise<Outputs>;
}

const rules: Rules<TransformSpec<never>> = {
  ...commonRules,
  topics: someTopics,
  key: optional(aFunction),
  lookups: optional(someLookups),
  prefetch: optional(aFunction),
  handle: aFunction,
};

/**
 * A consumer that makes of each event any number of others. `pipe` makes a `handle` out of small steps.
 * Throws OPTIONS_INVALID.
 */
export function transform<Config = unknown>(spec: TransformSpec<Config>): Consumer<Config> {
  refuse("transform", problemsByRules<object>(spec, rules));
  const { handle, ...rest } = spec;
  return consumer<Config>({
    ...rest,
    handle(event, context) {
      const made = handle.call(spec, event, context);
      if (made === undefined) return;
      if (made instanceof Promise) return made.then((outputs) => emitAll(outputs, context));
      emitAll(made, context);
    },
  });
}

function emitAll(outputs: Outputs, context: Context): void {
  if (outputs === undefined) return;
  if (!Array.isArray(outputs)) emit(outputs as Output, context);
  else for (const output of outputs as readonly Output[]) emit(output, context);
}

function emit({ topic, msg, headers, key }: Output, context: Context): void {
  if (headers === undefined && key === undefined) context.emit(topic, msg);
  else
    context.emit(topic, msg, {
      ...(headers !== undefined && { headers }),
      ...(key !== undefined && { key }),
    });
}
