import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { ServeHandlers } from "./serve-handlers.js";
import { checkServe, type ServeSpec } from "./serve-options.js";
import { rolesUnder, servePlan } from "./serve-plan.js";

/** A consumer that scores events. */
export interface ServeConsumer<Config = unknown> extends Consumer<Config> {
  /** The same, but for the model: that of this SHA-256 scores everything, whatever is promoted. */
  pinnedTo(sha256: string): Consumer<Config>;
}

/**
 * Scores events with the model that is promoted at their place in the log, and publishes predictions. News of models
 * are followed in offset order with the events, so that a replay changes models at the same event.
 * Throws OPTIONS_INVALID.
 */
export function serve<Config = unknown>(spec: ServeSpec<Config>): ServeConsumer<Config> {
  checkServe(spec as ServeSpec<never>);
  return {
    ...serving(spec, false),
    pinnedTo: (initial) => serving({ ...spec, initial }, true),
  };
}

/** Whether a consumer scores events: was made by `serve`. */
export function isServing(plugin: Consumer): plugin is ServeConsumer {
  return typeof (plugin as Partial<ServeConsumer>).pinnedTo === "function";
}

function serving<Config>(spec: ServeSpec<Config>, isPinned: boolean): Consumer<Config> {
  return consumer<Config>({
    ...commonOf(spec),
    topics: (config) => rolesUnder(spec, config, isPinned).topics,
    create: ({ name, config }) =>
      new ServeHandlers(servePlan(spec, { consumer: name, config, isPinned })),
  });
}
