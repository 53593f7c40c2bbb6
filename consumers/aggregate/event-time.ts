import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { type Field, numberOf } from "../field.js";

/** Event times are within this many ms of 1970: what comes of them stays exact. */
export const eventTimeMax = 2 ** 51;

/** Takes an event's time, in whole ms since 1970. It throws EVENT_INVALID for an event without. */
export function eventTimeOf(field: Field<number> | undefined): (event: BusEvent) => number {
  if (field === undefined) return (event) => checked(event.timestamp);
  const timeOf = typeof field === "function" ? field : numberOf(field);
  return (event) => checked(timeOf(event));
}

/** The same for the watermark, which an event without a time does not move. */
export function watermarkTimeOf(field: Field<number> | undefined): (event: BusEvent) => number {
  if (field === undefined) return (event) => sane(event.timestamp) ?? Number.NEGATIVE_INFINITY;
  const timeOf = typeof field === "function" ? field : numberOf(field);
  return (event) => sane(timeOf(event)) ?? Number.NEGATIVE_INFINITY;
}

function checked(time: number | undefined): number {
  const whole = sane(time);
  if (whole === undefined)
    throw new FedbusError("EVENT_INVALID", `the event's time is no time in ms: ${String(time)}`, {
      details: { time: String(time) },
    });
  return whole;
}

function sane(time: number | undefined): number | undefined {
  if (typeof time !== "number") return undefined;
  const whole = Math.floor(time);
  return whole >= -eventTimeMax && whole <= eventTimeMax ? whole : undefined;
}
