import {
  type ConfigSchema,
  choiceMember,
  configOf,
  flagMember,
  type Member,
  wholeMember,
} from "../config-member.js";
import { httpMembers } from "../http/http-config.js";
import { type WebhookOptions, webhookDefaults } from "./webhook-options.js";

const members: Readonly<Record<keyof WebhookOptions, Member>> = {
  ...httpMembers,
  secret: {
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
    description: "what to sign with, whsec_...; several while one is being replaced",
  },
  unsigned: flagMember("says that requests shall go out unsigned, instead of secret"),
  send: choiceMember(
    "a request for each event, or for many",
    ["one", "batch"],
    webhookDefaults.send,
  ),
  requestEventsMax: wholeMember("events in a request", webhookDefaults.requestEventsMax),
  requestsMax: wholeMember("requests at a time", webhookDefaults.requestsMax),
};

/** The JSON Schema of `webhook`'s options, for a sink that takes them from its configuration. */
export const webhookConfig: ConfigSchema = configOf(["url"], members);
