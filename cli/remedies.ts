import type { ErrorCode, FedbusError } from "../schemas/errors.js";

const byCode: Partial<Record<ErrorCode, string>> = {
  TOPIC_INVALID:
    "write segments of letters, digits and _-/:@+~=%, joined by dots: shop.order.created",
  TOPIC_RESERVED: "choose a topic that does not start with fedbus.",
  PATTERN_INVALID: "write a topic with * for one segment, or # at the end for the rest: 'shop.#'",
  EVENT_TOO_LARGE: "publish a reference to the data, or split it",
  SCHEMA_VIOLATION: "see what is wanted with `fedbus schema show`",
  LOG_NOT_FOUND:
    "start a hub there with `fedbus up`, have `fedbus publish --create` make one, or name another place with --dir or --hub",
  LOG_IN_USE: "talk to the hub that has it open with --hub, or stop that process",
  LOG_EXISTS: "name an empty directory",
  LOG_FORMAT_NEWER: "use the fedbus version that wrote it, or a newer one",
  LOG_CORRUPT: "end the hub, if one runs, and make the log usable again with `fedbus log repair`",
  LOG_TRUNCATED: "start from details.first, the first offset that is still there",
  LOG_DISK_LOW: "free some space, or remove old events with `fedbus log trim`",
  OFFSET_INVALID: "see the log's first and last offset with `fedbus log info`",
  ADDRESS_IN_USE:
    "if a hub listens there, work on it with --hub and that address; else choose another address with --listen",
  CONNECTION_LIMIT: "subscribe to fewer patterns, or to broader ones, such as 'shop.#'",
  HUB_UNREACHABLE: "check the address, and with `fedbus doctor` whether a hub answers there",
  MODEL_UNKNOWN: "see the models with `fedbus model list`, and one's versions with its name",
  SCHEMA_UNKNOWN: "see the registered schemas with `fedbus schema list`",
  SCHEMA_VERSION_UNKNOWN: "see the registered versions with `fedbus schema list`",
  SCHEMA_CONFLICT: "register the changed schema under the next version",
  SCHEMA_INCOMPATIBLE:
    "see all of it with `fedbus schema check`; add an upcaster, or register it with --compatibility none",
  SCHEMA_REQUIRED:
    "register a schema for the topic with `fedbus schema add`, or run its hub with --unknown-topics accept",
  STATE_CORRUPT:
    "build it anew from the log with `fedbus replay --consumer NAME --promote`, or begin anew with `fedbus consumers reset NAME`",
  PUBLISH_UNKNOWN: "look with `fedbus query` whether the event is stored before sending it again",
};

/** What the user can do about it, if anything can be said: the error's own advice first. */
export function remedyFor(error: FedbusError): string | undefined {
  const { remedy, boundTo, schema, version } = error.details;
  if (typeof remedy === "string") return remedy;
  // The other conflict: a pattern belongs to one schema.
  if (error.code === "SCHEMA_CONFLICT" && typeof boundTo === "string")
    return `name another pattern with --topic, or register it as a version of ${boundTo}`;
  if (error.code === "SCHEMA_VIOLATION" && typeof schema === "string")
    return `see what is wanted with \`fedbus schema show ${schema}@${version}\``;
  return byCode[error.code];
}
