import type { BusEvent } from "../../bus/index.js";
import type { DueTimer } from "./alarm-clock.js";

/** Where a plugin failed. Text: it is kept, and compared. */
export type Place = string;

export function placeOfEvent(event: BusEvent): Place {
  return `event ${event.offset}`;
}

export function placeOfTimer({ clock, at, group, key }: DueTimer): Place {
  return `timer ${clock} ${at} ${group} ${key}`.slice(0, 200);
}

/** What is known of attempts at the place where the consumer last failed. */
export interface Attempts {
  readonly place: Place;
  readonly count: number;
  readonly error: ErrorReport;
}

/** An error as a dead letter tells it. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** Characters of a stack that are kept. */
const stackLengthMax = 4_000;
const messageLengthMax = 2_000;

export function reportOf(error: unknown): ErrorReport {
  if (!(error instanceof Error))
    return { name: typeof error, message: String(error).slice(0, messageLengthMax) };
  const { name, message, stack } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    message: message.slice(0, messageLengthMax),
    ...(typeof code === "string" && { code }),
    ...(stack !== undefined && { stack: stack.slice(0, stackLengthMax) }),
  };
}

/** A plugin's failure on its way up to where it is dealt with. It never leaves the runner. */
export class PluginFailure extends Error {
  readonly place: Place;

  constructor(place: Place, cause: unknown) {
    super(`the plugin failed at ${place}`, { cause });
    this.place = place;
  }
}

/** A batch that could not be flushed: one of its events, up to before `next`, is at fault. */
export function placeOfBatch(next: number): Place {
  return `batch ${next}`;
}
