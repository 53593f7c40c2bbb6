import { needs, notTogether } from "../units.js";
import { candidateOptions } from "./candidate.js";

/** Options of `replay` that run a consumer over the events instead of playing them. */
export const consumerReplayOptions = {
  consumer: { type: "string", describe: "Run this consumer over the events, publishing nothing" },
  plugin: { type: "string", describe: "The same with this plugin (default: what last ran)" },
  ...candidateOptions,
  promote: {
    type: "boolean",
    default: false,
    describe: "Put the rebuilt state in the consumer's place, and publish what differs",
  },
  outputs: {
    type: "string",
    choices: ["differences", "all", "none"],
    default: "differences",
    describe: "Which outputs --promote publishes",
  },
  keep: { type: "boolean", default: false, describe: "Keep the scratch state, and say where" },
} as const;

export interface ConsumerReplayValues {
  readonly consumer: string | undefined;
  readonly plugin: string | undefined;
  readonly config: string | undefined;
  readonly set: readonly string[];
  readonly promote: boolean;
  readonly outputs: string;
  readonly keep: boolean;
}

interface AllValues extends ConsumerReplayValues {
  readonly patterns: readonly string[];
  readonly to: string | undefined;
  readonly where: string | undefined;
  readonly until: string | undefined;
  readonly speed: string;
  readonly toHub: string | undefined;
}

/** Whether a consumer is to be replayed. Throws OPTIONS_INVALID for what does not go with that. */
export function wantsConsumer(values: AllValues): boolean {
  const { consumer, plugin, promote, patterns, where, speed, toHub, to, until } = values;
  if (consumer === undefined && plugin === undefined) {
    if (promote) throw needs("--promote", "--consumer or --plugin", "name what is to be promoted");
    return false;
  }
  const mode = consumer === undefined ? "--plugin" : "--consumer";
  const remedy = "a consumer reads its own topics, as fast as it can";
  if (patterns.length > 0) throw notTogether("topic patterns", mode, remedy);
  if (where !== undefined) throw notTogether("--where", mode, remedy);
  if (speed !== "max") throw notTogether("--speed", mode, remedy);
  if (toHub !== undefined) throw notTogether("--to-hub", mode, "outputs stay here: see --to-file");
  if (promote && (to ?? until) !== undefined)
    throw notTogether("--promote", "--to", "what is promoted goes up to the present");
  return true;
}
