import type { BusEvent } from "../../bus/index.js";
import { type Field, fieldOf } from "../field.js";
import type { Context } from "../plugin/context.js";
import { stateLimit } from "../plugin/state-limit.js";
import type { Timer } from "../plugin/timers.js";
import type { LabelJoin } from "./train-spec.js";

/** A row without its label yet: the event's offset and time, and its features as base64 of 64-bit floats. */
type WaitingRow = readonly [offset: number, time: number, values: string];

/** Takes a row that has its label now. */
export type Joined = (time: number, values: Float64Array, offset: number) => void;

/** Sets the timers of waiting rows apart from others. */
export const labelTimerPrefix = "label ";
const table = "waiting";
const rowsMaxDefault = 1_000;

/**
 * Rows that wait for their labels, by key. A row's features are those of its own event, and a label finds only
 * rows that came before it in the log: nothing that was not known then gets in.
 */
export class LabelJoins {
  readonly #withinMs: number;
  readonly #rowsMax: number;
  readonly #rowKey: (event: BusEvent) => string | undefined;
  readonly #labelKey: (event: BusEvent) => string | undefined;

  constructor({ key, labelKey = key, withinMs, rowsMax = rowsMaxDefault }: LabelJoin) {
    this.#withinMs = withinMs;
    this.#rowsMax = rowsMax;
    this.#rowKey = keyOf(key);
    this.#labelKey = keyOf(labelKey);
  }

  /** Keeps a row until its label comes. Tells whether it has a key. Throws STATE_LIMIT. */
  wait(event: BusEvent, time: number, values: Float64Array, context: Context): boolean {
    const key = this.#rowKey(event);
    if (key === undefined) return false;
    const waiting = context.table<readonly WaitingRow[]>(table);
    const rows = waiting.get(key) ?? [];
    if (rows.length >= this.#rowsMax)
      throw stateLimit(`${rows.length} rows that wait for labels`, key);
    const text = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString(
      "base64",
    );
    waiting.put(key, [...rows, [event.offset, time, text]]);
    context.timers.set("event", time + this.#withinMs + 1, labelTimerPrefix + key);
    return true;
  }

  /** Gives the rows that a label is about, in the log's order. Tells how many there were. */
  labelled(event: BusEvent, time: number, context: Context, joined: Joined): number {
    const key = this.#labelKey(event);
    if (key === undefined) return 0;
    // What waits came before this event, for it is in the table; a label's own event is no row of it.
    const isAbout = ([offset, at]: WaitingRow): boolean =>
      offset < event.offset && at <= time && at >= time - this.#withinMs;
    return this.#release(key, isAbout, context, joined);
  }

  /** Gives the rows for which no label came in time. Tells how many there were. */
  expired({ at, key: id }: Timer, context: Context, joined: Joined): number {
    const key = id.slice(labelTimerPrefix.length);
    const isOver = ([, time]: WaitingRow): boolean => time + this.#withinMs < at;
    return this.#release(key, isOver, context, joined);
  }

  #release(
    key: string,
    isMeant: (row: WaitingRow) => boolean,
    context: Context,
    joined: Joined,
  ): number {
    const waiting = context.table<readonly WaitingRow[]>(table);
    const rows = waiting.get(key);
    if (rows === undefined) return 0;
    const meant = rows.filter(isMeant);
    if (meant.length === 0) return 0;
    if (meant.length === rows.length) waiting.delete(key);
    else
      waiting.put(
        key,
        rows.filter((row) => !isMeant(row)),
      );
    for (const [offset, time, text] of meant)
      joined(time, new Float64Array(new Uint8Array(Buffer.from(text, "base64")).buffer), offset);
    return meant.length;
  }
}

/** A key of one field or several; undefined where one is missing, or no text or number. */
function keyOf(key: Field | readonly Field[]): (event: BusEvent) => string | undefined {
  const fields = (Array.isArray(key) ? (key as readonly Field[]) : [key as Field]).map(fieldOf);
  return (event) => {
    const parts = fields.map((valueIn) => valueIn(event));
    if (!parts.every((part) => typeof part === "string" || typeof part === "number"))
      return undefined;
    return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts);
  };
}
