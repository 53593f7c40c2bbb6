import type { BusEvent } from "../../bus/index.js";
import type { DueTimer } from "./alarm-clock.js";
import type { Attempts } from "./failure.js";
import type { RefusedOutput } from "./outbox.js";

/** Where a consumer's dead letters go. */
export function deadLetterTopic(consumer: string): string {
  return `consumers.${consumer}.dead-letter`;
}

/** JSON of an original that a dead letter still carries; a longer one is found by its offset. */
const originalLengthMax = 128 * 1024;

/** The dead letter of an event. */
export function letterOfEvent(
  by: { readonly consumer: string; readonly version: string },
  event: BusEvent,
  { count, error }: Attempts,
): object {
  const { offset, topic, recordedAt } = event;
  const small = event.bytes.length <= originalLengthMax;
  return {
    ...by,
    kind: "event",
    event: { offset, topic, recordedAt },
    attempts: count,
    error,
    ...(small && { original: event.envelope }),
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
  const small = JSON.stringify(original).length <= originalLengthMax;
  return { ...by, kind: "output", topic, error, ...(small && { original }) };
}
