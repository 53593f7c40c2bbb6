import type { BusEvent } from "../../bus/index.js";
import type { DueTimer } from "./alarm-clock.js";
import type { Attempts } from "./failure.js";
import type { RefusedOutput } from "./outbox.js";

/** Where a consumer's dead letters go. */
export function deadLetterTopic(consumer: string): string {
  return `consumers.${consumer}.dead-letter`;
}

/**
 * Bytes of an original, as it would be written here, that a dead letter still carries: a hub takes
 * events of 256 KiB. A longer one is found by its offset.
 */
const originalBytesMax = 128 * 1024;

function isSmall(original: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(original)) <= originalBytesMax;
}

/** The dead letter of an event. */
export function letterOfEvent(
  by: { readonly consumer: string; readonly version: string },
  event: BusEvent,
  { count, error }: Attempts,
): object {
  const { offset, topic, recordedAt } = event;
  return {
    ...by,
    kind: "event",
    event: { offset, topic, recordedAt },
    attempts: count,
    error,
    ...(isSmall(event.envelope) && { original: event.envelope }),
  };
}

/** The dead letter of a timer. */
export function letterOfTimer(
  by: { readonly consumer: string; readonly version: string },
  { clock, at, key }: DueTimer,
  { count, error }: Attempts,
): object {
  return { ...by, kind: "timer", timer: { clock, at, key }, attempts: count, error };
}

/** The dead letter of an output that the hub refused. */
export function letterOfOutput(
  by: { readonly consumer: string; readonly version: string },
  { topic, error, original }: RefusedOutput,
): object {
  return { ...by, kind: "output", topic, error, ...(isSmall(original) && { original }) };
}
