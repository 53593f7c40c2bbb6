import type { Delivery } from "../destination.js";

/** One event as a webhook's receiver gets it: Standard Webhooks' type, timestamp and data, and our own. */
export interface WebhookEvent {
  readonly id: string;
  /** The topic. */
  readonly type: string;
  /** The event's own time, ISO 8601. */
  readonly timestamp: string;
  readonly offset: number;
  readonly data: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A request's body, and the key by which a receiver knows a resend of the same request. */
export interface Payload {
  readonly id: string;
  readonly text: string;
}

export function payloadOfOne(delivery: Delivery): Payload {
  return { id: idInHeader(delivery.id), text: JSON.stringify(eventOf(delivery)) };
}

/** The key names the first event and the last offset: another cut of the same events is another request. */
export function payloadOfBatch(batch: readonly Delivery[]): Payload {
  const first = batch[0]!;
  const last = batch[batch.length - 1]!;
  return {
    id: idInHeader(`${first.id}-${last.offset}`),
    text: JSON.stringify(batch.map(eventOf)),
  };
}

function eventOf(delivery: Delivery): WebhookEvent {
  const { id, topic, timestamp, offset, body, headers } = delivery;
  const event = { id, type: topic, timestamp: isoTime(timestamp), offset, data: body };
  return headers === undefined ? event : { ...event, headers };
}

/** Times that ISO 8601 cannot say, as a foreign publisher may send them, become the nearest that it can. */
function isoTime(ms: number): string {
  const most = 8.64e15;
  return new Date(Math.min(Math.max(ms, -most), most)).toISOString();
}

/** A header holds visible ASCII, and a full stop ends the id in what is signed: both are escaped. */
function idInHeader(id: string): string {
  return encodeURIComponent(id).replaceAll(".", "%2E").replaceAll("%3A", ":");
}
