import type { FedmsgAddresses, HubAddresses, RetentionRule } from "../../bus/index.js";
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
  fedmsg: { type: "boolean", default: false, describe: "Let fedmsg programs join" },
  "fedmsg-publish": {
    type: "string",
    describe: "Where they subscribe (default tcp://127.0.0.1:9940)",
  },
  "fedmsg-inbound": {
    type: "string",
    describe: "Where they publish, their relay_inbound (default tcp://127.0.0.1:2003)",
  },
  "fedmsg-replay": {
    type: "string",
    describe: "Where they ask for what they missed (default tcp://127.0.0.1:9941)",
  },
  ...keepOptions,
} as const;

export interface HubValues extends KeepValues {
  readonly listen: string | undefined;
  readonly broadcast: string | undefined;
  readonly schemas: string | undefined;
  readonly unknownTopics: "accept" | "refuse" | undefined;
  readonly trust: string | undefined;
  readonly fedmsg: boolean;
  readonly fedmsgPublish: string | undefined;
  readonly fedmsgInbound: string | undefined;
  readonly fedmsgReplay: string | undefined;
}

/** What a hub is to run with. */
export interface HubPlan {
  readonly dir: string;
  readonly addresses: HubAddresses;
  readonly schemas: string | undefined;
  readonly unknownTopics: "accept" | "refuse" | undefined;
  /** Path of a trust file. */
  readonly trust: string | undefined;
  /** Where fedmsg programs find it; undefined if they shall not. */
  readonly fedmsg: FedmsgAddresses | undefined;
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
  return {
    dir: where.dir,
    addresses,
    schemas,
    unknownTopics,
    trust,
    fedmsg: fedmsgFrom(values),
    rules,
  };
}

/** An address of theirs alone says enough. */
function fedmsgFrom(values: HubValues): FedmsgAddresses | undefined {
  const { fedmsgPublish: publish, fedmsgInbound: inbound, fedmsgReplay: replay } = values;
  const addresses = {
    ...(publish === undefined ? {} : { publish }),
    ...(inbound === undefined ? {} : { inbound }),
    ...(replay === undefined ? {} : { replay }),
  };
  return values.fedmsg || Object.keys(addresses).length > 0 ? addresses : undefined;
}
