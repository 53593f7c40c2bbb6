import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import { nextTick } from "./emission.js";
import type { KeyedShape } from "./keyed-shape.js";
import { type KeyProgress, logTimeOf, watermarkAt } from "./own-watermark.js";
import type { Plan } from "./plan.js";
import { Releaser } from "./releaser.js";

/** What is stored for a key. */
interface KeyRecord<Part> extends KeyProgress {
  parts: Part[];
  /** The time of the timer by which the key is found idle; null if there is none. */
  check: number | null;
  /** When the next early results are due. */
  tick: number | null;
}

const idlePrefix = "i";
const earlyPrefix = "e";

/**
 * Windows under a watermark of each key's own. An event closes what it completes right after it was added. That the
 * key went quiet is found by a timer of the log's time, one at a time: it goes off when the key, as it was then, had
 * been quiet for long enough; if events came meanwhile, it is set anew.
 */
export class OwnWindows<Part> implements Handlers {
  readonly #plan: Plan;
  readonly #shape: KeyedShape<Part>;
  readonly #releaser: Releaser;

  constructor(plan: Plan, shape: KeyedShape<Part>) {
    this.#plan = plan;
    this.#shape = shape;
    this.#releaser = new Releaser(plan.outlet);
  }

  handle(event: BusEvent, context: Context): void {
    const { keyOf, timeOf, outlet, everyMs, idleMs } = this.#plan;
    const key = keyOf(event);
    if (key === undefined) return;
    const time = timeOf(event);
    const now = context.now();
    this.#releaser.about(key, context);
    const record = (context.state.get(key) as KeyRecord<Part> | undefined) ?? fresh(time, now);
    // Timers that were due before now have fired, those that are due now have not.
    this.#advance(record, watermarkAt(record, now - 1, this.#plan));
    const arrival = { event, time, watermark: record.watermark };
    const { missed } = this.#shape.add(record.parts, arrival, this.#releaser.release);
    if (missed.length > 0) outlet.late(key, event, time, missed, context);
    record.time = Math.max(record.time, time);
    record.recordedAt = now;
    this.#advance(record, watermarkAt(record, now, this.#plan));
    if (record.parts.length > 0) {
      this.#check(key, record, now + idleMs, context);
      if (everyMs !== undefined) this.#tick(key, record, nextTick(now, everyMs), context);
    }
    this.#store(key, record, context);
  }

  timer({ at, key: name }: Timer, context: Context): void {
    const key = name.slice(1);
    const record = context.state.get(key) as KeyRecord<Part> | undefined;
    if (record === undefined) return;
    this.#releaser.about(key, context);
    if (name.startsWith(earlyPrefix))
      this.#shape.early(record.parts, record.watermark, this.#releaser.release);
    else {
      record.check = null;
      this.#advance(record, watermarkAt(record, at, this.#plan));
      const due = this.#shape.due(record.parts, record.watermark);
      if (due !== Infinity) this.#check(key, record, logTimeOf(record, due, this.#plan), context);
    }
    this.#store(key, record, context);
  }

  #advance(record: KeyRecord<Part>, to: number): void {
    if (to <= record.watermark) return;
    this.#shape.advance(record.parts, record.watermark, to, this.#releaser.release);
    record.watermark = to;
  }

  /** Sets the timer, unless one is set that goes off no later. */
  #check(key: string, record: KeyRecord<Part>, at: number, { timers }: Context): void {
    if (record.check !== null) {
      if (record.check <= at) return;
      timers.delete("log", record.check, idlePrefix + key);
    }
    timers.set("log", at, idlePrefix + key);
    record.check = at;
  }

  #tick(key: string, record: KeyRecord<Part>, tick: number, { timers }: Context): void {
    if (record.tick === tick) return;
    timers.set("log", tick, earlyPrefix + key);
    record.tick = tick;
  }

  /** A key without windows keeps its watermark for a while, so that what comes too late is known to be late. */
  #store(key: string, record: KeyRecord<Part>, { state }: Context): void {
    if (record.parts.length > 0) state.put(key, record);
    else state.put(key, record, { ttlMs: this.#plan.forgetMs });
  }
}

function fresh<Part>(time: number, recordedAt: number): KeyRecord<Part> {
  const watermark = Number.MIN_SAFE_INTEGER;
  return { watermark, time, recordedAt, parts: [], check: null, tick: null };
}
