import type { Envelope } from "../../schemas/index.js";

/** What an output says of where it came from. */
export interface OutputCause {
  readonly consumer: string;
  readonly version: string;
  /** Of the event that was handled, or for a timer the last event before it. */
  readonly offset: number;
  readonly key?: string;
  /** As event times, ms. */
  readonly window?: readonly [start: number, end: number];
}

/** An output of a consumer, in the log or in a scratch store. */
export interface Output {
  readonly cause: OutputCause;
  readonly envelope: Envelope;
  /** Where it stands in the log; absent if it is not there. */
  readonly offset?: number;
}

/** Where a consumer tells which of its outputs are void since a promotion. */
export function retractedTopic(consumer: string): string {
  return `consumers.${consumer}.retracted`;
}

/** Where a consumer tells that a replay took the place of its state. */
export function promotedTopic(consumer: string): string {
  return `consumers.${consumer}.promoted`;
}

/** The cause that an envelope names; undefined if it names none, or none that makes sense. */
export function causeOf({ headers }: Envelope): OutputCause | undefined {
  const cause = headers?.cause as Partial<OutputCause> | null | undefined;
  if (typeof cause !== "object" || cause === null) return undefined;
  const { consumer, version, offset, key, window } = cause;
  if (typeof consumer !== "string" || !Number.isSafeInteger(offset)) return undefined;
  return {
    consumer,
    version: typeof version === "string" ? version : "",
    offset: offset!,
    ...(typeof key === "string" && { key }),
    ...(isWindow(window) && { window }),
  };
}

function isWindow(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => Number.isFinite(one));
}

/** The bytes that stand in every block with an output of that consumer. */
export function markOf(consumer: string): Buffer {
  return Buffer.from(`"cause":{"consumer":${JSON.stringify(consumer)},`);
}

/** What tells the outputs of one cause apart, but for their order. */
export function identityOf({ cause: { key, window }, envelope }: Output): string {
  return JSON.stringify([envelope.topic, key ?? null, window ?? null]);
}
