import { refuse } from "../../bus/kernel/options.js";
import { commonRules, someTopics } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { type ConsumerSpec, consumer } from "../plugin/define.js";
import { problemsByRules, type Rule, type Rules, whole } from "../plugin/option-rules.js";
import type { Destination } from "./destination.js";
import { SinkHandlers, type SinkLimits } from "./sink-handlers.js";

/** What a sink is made of. */
export interface SinkSpec<Config = unknown>
  extends Pick<
      ConsumerSpec<Config>,
      "name" | "version" | "topics" | "config" | "onFailure" | "attemptsMax"
    >,
    Partial<SinkLimits> {
  /**
   * What makes the destination from the configuration, such as `webhook` itself; it is closed when the
   * consumer ends or fails. Or a destination: who made that closes it.
   */
  readonly to: Destination | ((config: Config) => Destination);
}

/** Defaults of a sink. */
export const sinkDefaults: SinkLimits = Object.freeze({
  batchEventsMax: 1000,
  batchBytesMax: 4 * 1024 * 1024,
  patienceMs: 600_000,
  retryMsMax: 30_000,
  drainMs: 10_000,
});

const timerMsMax = 2 ** 31 - 1;

const limitRules: Rules<SinkLimits> = {
  batchEventsMax: whole(1, 100_000),
  batchBytesMax: whole(1, 2 ** 30),
  patienceMs: whole(0, Number.MAX_SAFE_INTEGER),
  retryMsMax: whole(1, timerMsMax),
  drainMs: whole(0, timerMsMax),
};

const destination: Rule = (value) =>
  typeof value === "function" || typeof (value as Destination | null)?.deliver === "function"
    ? undefined
    : "must be a destination, or a function that makes one of the configuration";

const { watermark: _, ...consumerRules } = commonRules;

const rules: Rules<SinkSpec<never>> = {
  ...consumerRules,
  ...limitRules,
  topics: someTopics,
  to: destination,
};

/**
 * A consumer that takes events out of the bus: each is delivered before the place after it is committed,
 * so at least once, with the same id in every resend. A replay delivers nothing. Throws OPTIONS_INVALID.
 */
export function sink<Config = unknown>(spec: SinkSpec<Config>): Consumer<Config> {
  const { to, batchEventsMax, batchBytesMax, patienceMs, retryMsMax, drainMs, ...rest } = spec;
  const given = { batchEventsMax, batchBytesMax, patienceMs, retryMsMax, drainMs };
  const limits = { ...sinkDefaults, ...defined(given) };
  refuse("sink", problemsByRules<object>({ ...rest, ...limits, to }, rules));
  return consumer<Config>({
    ...rest,
    create: ({ config, name }) => {
      const made = typeof to === "function" ? to(config) : undefined;
      const into = made ?? (to as Destination);
      return new SinkHandlers(name, into, limits, made !== undefined);
    },
  });
}

function defined(given: Readonly<Record<string, number | undefined>>): Partial<SinkLimits> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
