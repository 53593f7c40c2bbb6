import type { BusEvent } from "../../../bus/index.js";

/** What an event on `models.NAME.KIND` is about. */
export interface ModelTopic {
  readonly name: string;
  readonly kind: string;
}

/** The topic of one kind of events about a model. */
export function modelTopic(name: string, kind: string): string {
  return `models.${name}.${kind}`;
}

/** The model and kind of event that a topic stands for; undefined if it is none about models. */
export function modelTopicOf(topic: string): ModelTopic | undefined {
  const [root, name, kind, ...more] = topic.split(".");
  if (root !== "models" || name === undefined || kind === undefined || more.length > 0)
    return undefined;
  return { name, kind };
}

/** One version of a model, as the event tells that brought it into the log. */
export interface ModelVersion {
  readonly name: string;
  /** 1, 2, 3 … as its trainer counts. */
  readonly version: number;
  /** SHA-256 of its file, hex: where its bytes are among the log's blobs. */
  readonly sha256: string;
  readonly bytes: number;
  readonly origin: "trained" | "imported";
  /** Of the event, and when that was recorded, ms since 1970. */
  readonly offset: number;
  readonly recordedAt: number;
  /** The consumer that trained it, and the event whose handling completed it. */
  readonly cause?: { readonly consumer: string; readonly offset: number };
  /** The event's body: what the model was made of. */
  readonly lineage: Readonly<Record<string, unknown>>;
}

/** The version that an event on `models.NAME.trained` or `.imported` tells of; undefined if it tells of none. */
export function modelVersionIn(event: BusEvent): ModelVersion | undefined {
  const topic = modelTopicOf(event.topic);
  if (topic?.kind !== "trained" && topic?.kind !== "imported") return undefined;
  const lineage = objectIn(event.msg);
  const { sha256, version, bytes } = lineage;
  if (!isSha256(sha256) || !isCount(version)) return undefined;
  const cause = causeIn(event);
  return {
    ...{ name: topic.name, version, sha256, bytes: isCount(bytes) ? bytes : 0 },
    ...{ origin: topic.kind, offset: event.offset, recordedAt: event.recordedAt },
    ...(cause !== undefined && { cause }),
    lineage,
  };
}

/** Its members; none if it is no object. */
export function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The consumer that put an event out, and the event whose handling it came of. */
export function causeIn({ envelope }: BusEvent): ModelVersion["cause"] {
  const { consumer, offset } = objectIn(objectIn(envelope.headers).cause);
  return typeof consumer === "string" && isCount(offset) ? { consumer, offset } : undefined;
}
