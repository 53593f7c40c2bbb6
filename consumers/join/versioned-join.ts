import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import { stateLimit } from "../plugin/state-limit.js";
import type { Timer } from "../plugin/timers.js";
import { emitOutputs } from "./output.js";
import { keptOf } from "./side.js";
import type { TablePlan } from "./table-options.js";
import { addVersion, heldAt, prune, type Version } from "./versions.js";

/** Events of the stream that wait, of one key at one ms, at most. */
const waitingMax = 100_000;

/** Joins each event of the stream with the row of its key that held at the event's time. */
export class VersionedJoin implements Handlers {
  readonly #plan: TablePlan;

  constructor(plan: TablePlan) {
    this.#plan = plan;
  }

  handle(event: BusEvent, context: Context): void {
    const { sides, stream, table, timeOf, awaitWatermark, config } = this.#plan;
    const key = sides.keyOf(event, config);
    if (sides.onRight && key !== undefined)
      this.#change(key, timeOf(event), keptOf(table, event, config), context);
    if (!sides.onLeft) return;
    const time = timeOf(event);
    const value = keptOf(stream, event, config);
    if (key !== undefined && awaitWatermark && time >= context.timers.watermark)
      this.#wait(key, time, value, context);
    else this.#join(key, time, value, context);
  }

  /** A key that starts with `w`: rows that waited are complete. With `p`: a deletion has grown old. */
  timer({ at, key: name }: Timer, context: Context): void {
    const key = name.slice(1);
    if (name[0] === "p") this.#prune(key, at - this.#plan.keepMs, context);
    else this.#joinWaiting(key, at - 1, context);
  }

  #joinWaiting(key: string, time: number, context: Context): void {
    const waiting = context.table<unknown[]>("waiting");
    const id = `${time} ${key}`;
    const values = waiting.get(id) ?? [];
    waiting.delete(id);
    for (const value of values) this.#join(key, time, value, context);
  }

  #change(key: string, time: number, value: unknown, context: Context): void {
    const table = context.table<Version[]>("versions");
    const versions = table.get(key) ?? [];
    const deletes = value === undefined || value === null;
    addVersion(versions, deletes ? [time] : [time, value]);
    if (deletes) context.timers.set("event", time + this.#plan.keepMs, `p${key}`);
    table.put(key, versions);
    this.#prune(key, context.timers.watermark - this.#plan.keepMs, context);
  }

  #prune(key: string, horizon: number, context: Context): void {
    const table = context.table<Version[]>("versions");
    const versions = table.get(key);
    if (versions === undefined) return;
    const { length } = versions;
    prune(versions, horizon, this.#plan.versionsMax);
    if (versions.length === 0) table.delete(key);
    else if (versions.length < length) table.put(key, versions);
  }

  #wait(key: string, time: number, value: unknown, context: Context): void {
    const waiting = context.table<unknown[]>("waiting");
    const id = `${time} ${key}`;
    const values = waiting.get(id) ?? [];
    if (values.length >= waitingMax) throw stateLimit(`${waitingMax} events that wait`, key);
    values.push(value);
    waiting.put(id, values);
    context.timers.set("event", time + 1, `w${key}`);
  }

  #join(key: string | undefined, time: number, value: unknown, context: Context): void {
    const { output, type } = this.#plan;
    const versions = key === undefined ? undefined : context.table<Version[]>("versions").get(key);
    const row = versions?.[heldAt(versions, time)]?.[1];
    if (row !== undefined || type === "left") emitOutputs(context, output(value, row, key), key);
  }
}
