import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";
import type { Timer } from "../plugin/timers.js";
import { type KeyRecord, KeyRecords, type Waiting } from "./key-record.js";
import { Report } from "./report.js";
import type { RulesPlan } from "./rules-options.js";

/** Runs rules over events: one entry of state and one timer a key, for all rules together. */
export class RulesHandlers implements Handlers {
  readonly #plan: RulesPlan;
  readonly #records: KeyRecords;
  readonly #report: Report;
  #expecting: boolean;

  constructor(plan: RulesPlan) {
    this.#plan = plan;
    this.#records = new KeyRecords(plan);
    this.#report = new Report(plan.name, plan.alertTopic, plan.clearTopic);
    this.#expecting = plan.expecting.length > 0;
  }

  handle(event: BusEvent, context: Context): void {
    const { clock, ordered } = this.#plan;
    const key = this.#plan.keyOf(event);
    if (key === undefined) return;
    const time = this.#plan.timeOf(event);
    if (clock === "event" && time < context.timers.watermark) return;
    if (this.#expecting) this.#expect(time, context);
    const occurred = this.#look(event, time);
    if (occurred === undefined) return;
    const records = context.state as Table<KeyRecord>;
    const known = records.get(key);
    const record = known ?? { rules: {} };
    if (ordered) this.#records.wait(record, occurred, key);
    else if (!this.#records.take(record, occurred, this.#report.about(key, context))) return;
    this.#keep(record, key, known !== undefined, context);
  }

  timer({ at, key }: Timer, context: Context): void {
    const record = context.state.get(key) as KeyRecord | undefined;
    if (record === undefined) return;
    this.#records.reach(record, at, this.#report.about(key, context));
    this.#keep(record, key, true, context);
  }

  /** What the rules have to know of the event; undefined if it concerns none. */
  #look(event: BusEvent, time: number): Waiting | undefined {
    const { machines, config } = this.#plan;
    const signals: number[] = [];
    const values: unknown[] = [];
    let concerned = false;
    for (const machine of machines) {
      const signal = machine.signalOf(event, config);
      signals.push(signal);
      values.push(signal === 0 ? null : (machine.valueOf(event, config) ?? null));
      concerned ||= signal !== 0;
    }
    return concerned ? { time, offset: event.offset, signals, values } : undefined;
  }

  #keep(record: KeyRecord, key: string, known: boolean, context: Context): void {
    this.#records.settle(record, key, context.timers);
    const empty = record.waiting === undefined && Object.keys(record.rules).length === 0;
    if (!empty) context.state.put(key, record);
    else if (known) context.state.delete(key);
  }

  /** Begins to miss the expected keys that it does not miss yet. */
  #expect(time: number, context: Context): void {
    this.#expecting = false;
    const expected = context.table<readonly string[]>("expected");
    for (const rule of this.#plan.expecting) {
      const before = new Set(expected.get(rule.name));
      const added = rule.expectedKeys.filter((key) => !before.has(key));
      if (added.length === 0) continue;
      expected.put(rule.name, [...before, ...added]);
      for (const key of added) {
        const record = (context.state.get(key) as KeyRecord | undefined) ?? { rules: {} };
        record.rules[rule.name] ??= rule.expected(time);
        this.#keep(record, key, true, context);
      }
    }
  }
}
