import type { Bus } from "../../bus/index.js";
import {
  decodeSchemaEvent,
  type Envelope,
  FedbusError,
  isReserved,
  schemaTopic,
} from "../../schemas/index.js";
import type { BulkPublish } from "../input/bulk.js";
import type { Tally } from "../input/tally.js";

export interface RepublishTarget {
  readonly bus: Bus;
  readonly bulk: BulkPublish;
  readonly tally: Tally;
}

/** A stored event, and the number (line or offset) that the tally names it by. */
export interface StoredEvent {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Publishes stored events on another bus, in their order and byte for byte. The bus's own events
 * cannot be published: those that register a schema register it there, once everything before them
 * is answered, and others are left out. What is refused goes to the tally.
 */
export async function republish(
  events: readonly StoredEvent[],
  target: RepublishTarget,
): Promise<void> {
  let part: StoredEvent[] = [];
  for (const event of events) {
    const own = ownEventIn(event);
    if (own === undefined) part.push(event);
    if (own !== undefined || part.length >= target.bulk.batchMax) {
      await send(part, target);
      part = [];
    }
    if (own?.topic === schemaTopic) await register(own, event, target);
  }
  await send(part, target);
}

/** The envelope, if it is an event of the bus itself. Only bytes that may be one are parsed. */
function ownEventIn({ bytes }: StoredEvent): Envelope | undefined {
  if (!bytes.includes("fedbus.")) return undefined;
  try {
    const envelope = JSON.parse(bytes.toString("utf8")) as Envelope;
    return isReserved(envelope.topic) ? envelope : undefined;
  } catch {
    // Whatever it is, the bus will refuse it with the reason.
    return undefined;
  }
}

async function send(part: readonly StoredEvent[], { bulk }: RepublishTarget): Promise<void> {
  if (part.length === 0) return;
  await bulk.send(
    part.map(({ number }) => number),
    (publisher) => publisher.publishEnvelopes(part.map(({ bytes }) => bytes)),
  );
}

async function register(
  own: Envelope,
  { number }: StoredEvent,
  { bus, bulk, tally }: RepublishTarget,
): Promise<void> {
  await bulk.finish();
  try {
    await bus.registerSchema(decodeSchemaEvent(own.msg));
  } catch (error) {
    if (!(error instanceof FedbusError) || error.retryable) throw error;
    tally.refuse(error, number);
  }
}
