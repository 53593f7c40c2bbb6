import type { Envelope } from "./envelope.js";
import { FedbusError } from "./errors.js";

/** A CloudEvent 1.0 in its structured JSON form: attributes of the standard, extensions, and data. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly data?: unknown;
  readonly data_base64?: string;
  readonly [extension: string]: unknown;
}

/** What the log knows of an event beside its envelope. */
export interface StoredPlace {
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
}

/** Where an envelope keeps the attributes of the CloudEvent that it came from. */
const header = "cloudevents";

/** How a CloudEvent has its data: as JSON, as base64, or not at all. */
type DataForm = "json" | "base64" | "none";

interface Kept {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly data: DataForm;
}

/**
 * An envelope as a CloudEvent 1.0 (structured JSON). The topic is `type`, the body is `data`; what else the
 * envelope has stands in the extension `fedbusenvelope`, as JSON, so that nothing is lost. One that came from a
 * CloudEvent becomes that one again.
 */
export function toCloudEvent(envelope: Envelope, place?: StoredPlace): CloudEvent {
  const kept = keptIn(envelope);
  if (kept !== undefined)
    return { ...kept.attributes, ...dataOf(kept, envelope.msg) } as CloudEvent;
  const { topic, msg, ...rest } = envelope;
  const { msg_id, timestamp, source_name } = rest;
  return {
    specversion: "1.0",
    id: msg_id ?? (place === undefined ? "unknown" : `offset-${place.offset}`),
    source: `/fedbus${source_name ? `/${encodeURIComponent(source_name)}` : ""}`,
    type: topic,
    ...timeOf(timestamp),
    datacontenttype: "application/json",
    fedbusenvelope: JSON.stringify(rest),
    ...(place === undefined
      ? {}
      : {
          fedbusoffset: String(place.offset),
          fedbusrecorded: new Date(place.recordedAt).toISOString(),
        }),
    data: msg,
  };
}

/**
 * A CloudEvent 1.0 as an envelope. Its `type` is the topic and its data the body (base64 as its text); its attributes
 * stay in `headers.cloudevents`. One that came from an envelope becomes that one again. Throws
 * INPUT_INVALID for what is no CloudEvent 1.0; whether `type` is a topic is for who publishes it.
 */
export function fromCloudEvent(value: unknown): Envelope {
  const event = checked(value);
  const { fedbusenvelope, data, data_base64, ...attributes } = event;
  if (typeof fedbusenvelope === "string")
    return { ...envelopeIn(fedbusenvelope), topic: event.type, msg: data };
  const form: DataForm =
    data_base64 !== undefined ? "base64" : Object.hasOwn(event, "data") ? "json" : "none";
  const time = event.time === undefined ? Number.NaN : Date.parse(event.time);
  return {
    topic: event.type,
    msg_id: event.id,
    ...(Number.isNaN(time) ? {} : { timestamp: time / 1000 }),
    source_name: event.source,
    headers: { [header]: { attributes, data: form } satisfies Kept },
    msg: form === "base64" ? data_base64 : form === "json" ? data : null,
  };
}

/** Years that RFC 3339 can write; the envelope itself keeps any other. */
function timeOf(timestamp: number | undefined): { readonly time?: string } {
  if (typeof timestamp !== "number") return {};
  const date = new Date(timestamp * 1000);
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999 ? { time: date.toISOString() } : {};
}

function keptIn({ headers }: Envelope): Kept | undefined {
  const kept = headers?.[header] as Kept | undefined;
  const { attributes } = kept ?? {};
  return typeof attributes === "object" && attributes !== null && attributes.specversion === "1.0"
    ? kept
    : undefined;
}

function dataOf({ data }: Kept, msg: unknown): Partial<CloudEvent> {
  if (data === "none") return {};
  return data === "base64" ? { data_base64: msg as string } : { data: msg };
}

function checked(value: unknown): CloudEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid("", "must be an object");
  const event = value as CloudEvent;
  if (event.specversion !== "1.0") throw invalid("specversion", `must be "1.0"`);
  for (const name of ["id", "source", "type"])
    if (typeof event[name] !== "string" || event[name] === "")
      throw invalid(name, "must be a text that is not empty");
  if (event.time !== undefined && typeof event.time !== "string")
    throw invalid("time", "must be a text");
  return event;
}

function envelopeIn(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Told below.
  }
  throw invalid("fedbusenvelope", "must be the JSON of an object");
}

function invalid(attribute: string, problem: string): FedbusError {
  const what = attribute === "" ? "a CloudEvent" : `the CloudEvent's ${attribute}`;
  return new FedbusError("INPUT_INVALID", `${what} ${problem}`, { details: { attribute } });
}
