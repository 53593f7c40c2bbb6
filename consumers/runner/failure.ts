import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import type { BusEvent } from "../../bus/index.js";
import type { Asking, RecordedAnswer } from "../plugin/recorded-answers.js";
import type { DueTimer } from "./alarm-clock.js";

/** Where a plugin failed. Text: it is kept, and compared. */
export type Place = string;

/** A place, and how to know that it is behind us. */
export interface Fault {
  readonly place: Place;
  /** Once this event, or a later one, is committed, so is the place. */
  readonly until: number;
}

type NamedTimer = Pick<DueTimer, "clock" | "at" | "group" | "key">;

/** Characters of a place, at most. */
const placeLengthMax = 200;

export function faultOfEvent({ offset }: BusEvent): Fault {
  return { place: `event ${offset}`, until: offset };
}

/** `last` is the offset of the last event before the timer: any later one comes after it. */
export function faultOfTimer({ clock, at, group, key }: NamedTimer, last: number): Fault {
  const place = `timer ${clock} ${at} ${group} ${JSON.stringify(key)}`;
  const short = () => `${place.slice(0, placeLengthMax - 20).toWellFormed()} ${crc32(key)}`;
  return { place: place.length <= placeLengthMax ? place : short(), until: last + 1 };
}

/** Where something was asked outside. */
export function placeOfAsking({ offset, timer }: Asking): Place {
  return timer === undefined ? `event ${offset}` : faultOfTimer(timer, offset).place;
}

export function isTimer(place: Place): boolean {
  return place.startsWith("timer ");
}

/** Several events and timers that failed together, up to before `next`: one of them is at fault. */
export function faultOfBatch(next: number, until: number): Fault {
  return { place: `batch ${next}`, until };
}

export function isBatch(place: Place): boolean {
  return place.startsWith("batch ");
}

/** What is known of attempts at the place where the consumer last failed. */
export interface Attempts extends Fault {
  readonly count: number;
  readonly error: ErrorReport;
  /** What the last of them was answered from outside. */
  readonly answers: readonly RecordedAnswer[];
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

/** Never throws, whatever was thrown. */
export function reportOf(error: unknown): ErrorReport {
  try {
    if (!(error instanceof Error))
      return { name: typeof error, message: String(error).slice(0, messageLengthMax) };
    const { name, message, stack } = error;
    const code = (error as { code?: unknown }).code;
    return {
      name: String(name).slice(0, placeLengthMax),
      message: String(message).slice(0, messageLengthMax),
      ...(typeof code === "string" && { code: code.slice(0, placeLengthMax) }),
      ...(stack !== undefined && { stack: String(stack).slice(0, stackLengthMax) }),
    };
  } catch {
    return { name: typeof error, message: "what was thrown cannot be shown as text" };
  }
}

/** Frames of a stack that a log line tells, at most. */
const framesMax = 5;
/** Of this package's own code, as compiled and as sources, and of Node's. */
const folders = ["../../", "../../../"]
  .flatMap((root) => ["schemas/", "bus/", "consumers/"].map((floor) => root + floor))
  .map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
const notTheirs = ["node:", ...folders];

/** The frames of a stack that are the plugin's: what the rest say is the same for each failure. */
export function theirFrames({ stack = "" }: ErrorReport): string[] {
  const frames = stack.split("\n").flatMap((line) => {
    const [, frame] = /^\s+at (.*)$/.exec(line) ?? [];
    return frame === undefined || notTheirs.some((part) => frame.includes(part)) ? [] : [frame];
  });
  return frames.slice(0, framesMax);
}

/** A plugin's failure on its way up to where it is dealt with. It never leaves the runner. */
export class PluginFailure extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, cause: unknown) {
    super(`the plugin failed at ${fault.place}`, { cause });
    this.fault = fault;
  }
}
