import type { HubAddresses, RetentionRule } from "../../bus/index.js";
import { FedbusError } from "../../schemas/errors.js";
import type { Context } from "../context.js";
import { type KeepValues, keepOptions, rulesFrom } from "../retention.js";

/** Options of the commands that run a hub. */
export const hubOptions = {
  listen: { type: "string", describe: "Where requests come in (default tcp://127.0.0.1:9950)" },
  broadcast: { type: "string", describe: "Where broadcasts go out (default: one port above)" },
  schemas: { type: "string", describe: "Register the *.schema.json files of this folder" },
  "unknown-topics": {
    choices: ["accept", "refuse"] as const,
    describe: "Events on topics without a schema; the log keeps it (a new log accepts them)",
  },
  trust: {
    type: "string",
    describe: "A trust file: whose signatures on which topics (default: none are checked)",
  },
  ...keepOptions,
} as const;

export interface HubValues extends KeepValues {
  readonly listen: string | undefined;
  readonly broadcast: string | undefined;
  readonly schemas: string | undefined;
  readonly unknownTopics: "accept" | "refuse" | undefined;
  readonly trust: string | undefined;
}

/** What a hub is to run with. */
export interface HubPlan {
  readonly dir: string;
  readonly addresses: HubAddresses;
  readonly schemas: string | undefined;
  readonly unknownTopics: "accept" | "refuse" | undefined;
  /** Path of a trust file. */
  readonly trust: string | undefined;
  readonly rules: readonly RetentionRule[];
}

/** Throws OPTIONS_INVALID. */
export function hubPlanFrom(values: HubValues, { where }: Context): HubPlan {
  if (where.hubGiven)
    throw new FedbusError("OPTIONS_INVALID", "a hub cannot be started at another hub's address", {
      details: { option: "--hub", remedy: "choose its own address with --listen" },
    });
  const { listen, broadcast, schemas, unknownTopics, trust } = values;
  const rules = rulesFrom(values);
  const addresses = {
    ...(listen === undefined ? {} : { listen }),
    ...(broadcast === undefined ? {} : { broadcast }),
  };
  return { dir: where.dir, addresses, schemas, unknownTopics, trust, rules };
}
