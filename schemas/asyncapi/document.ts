import type { SchemaListing } from "../registry.js";
import { schemaWithin } from "./schema-within.js";

/** What the document says of the bus as a whole. */
export interface AsyncApiOptions {
  /** Default: `fedbus`. */
  readonly title?: string;
  /** Of the document. Default: `1.0.0`. */
  readonly version?: string;
}

type Part = Readonly<Record<string, unknown>>;

/**
 * An AsyncAPI 3.0 document of what is registered: a channel for each topic pattern, whose address is the pattern
 * (`*` is one segment, `#` the rest), and a message for the latest version of each schema: the envelope, with the
 * schema as `msg`. Plain JSON.
 */
export function asyncApiDocument(
  listings: readonly SchemaListing[],
  { title = "fedbus", version = "1.0.0" }: AsyncApiOptions = {},
): Part {
  const latest = new Map<string, SchemaListing>();
  for (const listing of listings)
    if (listing.version > (latest.get(listing.name)?.version ?? 0))
      latest.set(listing.name, listing);
  const schemas = [...latest.values()];
  const channels = schemas.flatMap((listing) =>
    listing.topics.map((pattern) => [keyOf(pattern), channelOf(pattern, listing)] as const),
  );
  const operations = channels.flatMap(([key]) => [
    [`publish-${key}`, operationOn(key, "send")] as const,
    [`subscribe-${key}`, operationOn(key, "receive")] as const,
  ]);
  return {
    asyncapi: "3.0.0",
    info: { title, version, description: "Written by `fedbus schema asyncapi`." },
    defaultContentType: "application/json",
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(
        schemas.map((listing) => [keyOf(listing.name), messageOf(listing)]),
      ),
    },
  };
}

/** Keys take letters, digits, `.`, `_` and `-`; anything else, as its code. */
function keyOf(text: string): string {
  return text
    .replaceAll("*", "ANY")
    .replaceAll("#", "REST")
    .replaceAll(/[^\w.-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`);
}

function channelOf(pattern: string, { name }: SchemaListing): Part {
  const key = keyOf(name);
  return {
    address: pattern,
    messages: { [key]: { $ref: `#/components/messages/${key}` } },
  };
}

function operationOn(key: string, action: "send" | "receive"): Part {
  return { action, channel: { $ref: `#/channels/${key}` } };
}

function messageOf({ name, version, schema }: SchemaListing): Part {
  const at = `#/components/messages/${keyOf(name)}/payload/properties/msg`;
  return {
    name,
    title: `${name}, version ${version}`,
    contentType: "application/json",
    payload: {
      type: "object",
      required: ["topic", "msg"],
      properties: {
        topic: { type: "string" },
        msg_id: { type: "string" },
        timestamp: { type: "number", description: "Publisher's clock, seconds since 1970" },
        headers: { type: ["object", "null"] },
        msg: schemaWithin(schema, at),
      },
    },
  };
}
