import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import { nextTick } from "./emission.js";
import type { KeyedShape } from "./keyed-shape.js";
import type { Plan } from "./plan.js";
import { Releaser } from "./releaser.js";

/** What is stored for a key. */
interface KeyRecord<Part> {
  parts: Part[];
  /** Up to where windows are closed; null before there was a watermark. */
  watermark: number | null;
  /** The time of the timer that is set; null if there is none. */
  due: number | null;
  /** When the next early results are due. */
  tick: number | null;
}

/**
 * Windows whose ends depend on the key's own events, under the stream's watermark: sessions and sliding ones. Each
 * key has one record and one timer, at the earliest end of its windows.
 */
export class KeyedWindows<Part> implements Handlers {
  readonly #plan: Plan;
  readonly #shape: KeyedShape<Part>;
  readonly #releaser: Releaser;

  constructor(plan: Plan, shape: KeyedShape<Part>) {
    this.#plan = plan;
    this.#shape = shape;
    this.#releaser = new Releaser(plan.outlet);
  }

  handle(event: BusEvent, context: Context): void {
    const { keyOf, timeOf, everyMs, outlet } = this.#plan;
    const key = keyOf(event);
    if (key === undefined) return;
    const time = timeOf(event);
    const { watermark } = context.timers;
    const stored = context.state.get(key) as KeyRecord<Part> | undefined;
    const record = stored ?? { parts: [], watermark: null, due: null, tick: null };
    this.#releaser.about(key, context);
    const arrival = { event, time, watermark };
    const { missed, due } = this.#shape.add(record.parts, arrival, this.#releaser.release);
    if (missed.length > 0) outlet.late(key, event, time, missed, context);
    if (due === Infinity) return;
    record.watermark = watermark === -Infinity ? null : watermark;
    if (record.due === null || due < record.due) this.#await(key, record, due, context);
    if (everyMs !== undefined) this.#tick(key, record, nextTick(context.now(), everyMs), context);
    context.state.put(key, record);
  }

  timer({ clock, at, key }: Timer, context: Context): void {
    const record = context.state.get(key) as KeyRecord<Part> | undefined;
    if (record === undefined) return;
    this.#releaser.about(key, context);
    const { release } = this.#releaser;
    const from = record.watermark ?? -Infinity;
    if (clock === "log") this.#shape.early(record.parts, from, release);
    else {
      this.#shape.advance(record.parts, from, at, release);
      record.watermark = at;
      record.due = null;
      const due = this.#shape.due(record.parts, at);
      if (due !== Infinity) this.#await(key, record, due, context);
    }
    if (record.parts.length === 0) context.state.delete(key);
    else context.state.put(key, record);
  }

  #await(key: string, record: KeyRecord<Part>, due: number, { timers }: Context): void {
    if (record.due !== null) timers.delete("event", record.due, key);
    timers.set("event", due, key);
    record.due = due;
  }

  #tick(key: string, record: KeyRecord<Part>, tick: number, { timers }: Context): void {
    if (record.tick === tick) return;
    timers.set("log", tick, key);
    record.tick = tick;
  }
}
