import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { type Field, numberOf } from "../field.js";

/** Event times are within this many ms of 1970: what comes of them stays exact. */
export const eventTimeMax = 2 ** 51;

/** How an aggregate takes the time of its events. */
export interface EventTime {
  /** In whole ms since 1970. Throws EVENT_INVALID for an event without. */
  readonly timeOf: (event: BusEvent) => number;
  /** The same for the watermark, which an event without a time does not move. */
  readonly forWatermark: (event: BusEvent) => number;
}

/** The last event's time is remembered, since both ask for it. */
export function eventTimeOf(field: Field<number> | undefined): EventTime {
  const found = typeof field === "string" ? numberOf(field) : field;
  const timeIn = found ?? ((event: BusEvent) => event.timestamp);
  let last: BusEvent | undefined;
  let time: number | undefined;
  const of = (event: BusEvent): number | undefined => {
    if (event !== last) {
      time = sane(timeIn(event));
      last = event;
    }
    return time;
  };
  return {
    timeOf: (event) => of(event) ?? refuse(timeIn(event)),
    forWatermark: (event) => of(event) ?? Number.NEGATIVE_INFINITY,
  };
}

function refuse(time: unknown): never {
  throw new FedbusError("EVENT_INVALID", `the event's time is no time in ms: ${String(time)}`, {
    details: { time: String(time) },
  });
}

function sane(time: number | undefined): number | undefined {
  if (typeof time !== "number") return undefined;
  const whole = Math.floor(time);
  return whole >= -eventTimeMax && whole <= eventTimeMax ? whole : undefined;
}
