import { stateLimit } from "../plugin/state-limit.js";
import type { Timers } from "../plugin/timers.js";
import type { Report } from "./report.js";
import type { RulesPlan } from "./rules-options.js";

/** An event that waits for its turn: what each rule has to know of it. */
export interface Waiting {
  readonly time: number;
  readonly offset: number;
  /** By rule, in the order of the rules' list. */
  readonly signals: readonly number[];
  readonly values: readonly unknown[];
}

/** What is kept of one key. */
export interface KeyRecord {
  /** When the one timer fires that is set for the key; nothing is due before. */
  timer?: number;
  /** In order of time; of the same time, in the order in which they came. */
  waiting?: Waiting[];
  /** The rules' states by name. */
  readonly rules: Record<string, unknown>;
}

/** Runs all rules over one key's record. */
export class KeyRecords {
  readonly #plan: RulesPlan;
  /**
   * How long after what is due a timer is set: at the watermark `at`, events of that very time may
   * still come, and they go first. Log timers come after all events of their time as it is.
   */
  readonly #lagMs: number;

  constructor(plan: RulesPlan) {
    this.#plan = plan;
    this.#lagMs = plan.clock === "event" ? 1 : 0;
  }

  /** Lets the event wait in its place. Throws STATE_LIMIT. */
  wait(record: KeyRecord, event: Waiting, key: string): void {
    const { waitingMax } = this.#plan;
    record.waiting ??= [];
    const { waiting } = record;
    if (waiting.length >= waitingMax) throw stateLimit(`${waitingMax} events that wait`, key);
    let at = waiting.length;
    while (at > 0 && waiting[at - 1]!.time > event.time) at--;
    waiting.splice(at, 0, event);
  }

  /** Gives the event to the rules, after what was due before it. Tells whether a state changed. */
  take(record: KeyRecord, event: Waiting, report: Report): boolean {
    const { time, offset, signals, values } = event;
    const { machines } = this.#plan;
    let changed = this.#fireBefore(record, time, report);
    for (let index = 0; index < machines.length; index++) {
      const signal = signals[index]!;
      if (signal === 0) continue;
      const machine = machines[index]!;
      const state = record.rules[machine.name];
      // JSON has no undefined: null stands for none.
      const value = values[index] ?? undefined;
      const next = machine.take(state, { time, offset, signal, value }, report);
      if (next !== state) changed = setState(record, machine.name, next);
    }
    return changed;
  }

  /** The clock has come to `at`: takes what waited until then, and fires what is due. */
  reach(record: KeyRecord, at: number, report: Report): void {
    delete record.timer;
    const { waiting } = record;
    let taken = 0;
    for (; waiting !== undefined && taken < waiting.length; taken++) {
      const event = waiting[taken]!;
      if (event.time > at) break;
      this.take(record, event, report);
    }
    if (taken > 0) waiting!.splice(0, taken);
    if (waiting?.length === 0) delete record.waiting;
    this.#fireBefore(record, at + 1 - this.#lagMs, report);
  }

  /** Sees to it that the key's timer comes no later than what is due first. */
  settle(record: KeyRecord, key: string, timers: Timers): void {
    const { clock } = this.#plan;
    const ruleDue = this.#firstDue(record).due + this.#lagMs;
    const due = Math.min(ruleDue, record.waiting?.[0]?.time ?? never);
    const { timer = never } = record;
    if (due === timer || (due > timer && due !== never)) return;
    if (timer !== never) timers.delete(clock, timer, key);
    delete record.timer;
    if (due === never) return;
    timers.set(clock, due, key);
    record.timer = due;
  }

  /** Fires what is due before `time`, in order of time, then of the rules' list. */
  #fireBefore(record: KeyRecord, time: number, report: Report): boolean {
    if (record.timer !== undefined && record.timer - this.#lagMs >= time) return false;
    for (let changed = false; ; changed = true) {
      const { index, due } = this.#firstDue(record);
      if (due >= time) return changed;
      const machine = this.#plan.machines[index]!;
      const state = record.rules[machine.name];
      setState(record, machine.name, machine.fire(state, due, report));
    }
  }

  #firstDue(record: KeyRecord): { readonly index: number; readonly due: number } {
    const { machines } = this.#plan;
    let due = never;
    let first = -1;
    for (let index = 0; index < machines.length; index++) {
      const machine = machines[index]!;
      const state = record.rules[machine.name];
      const next = state === undefined ? never : machine.dueOf(state);
      if (next >= due) continue;
      due = next;
      first = index;
    }
    return { index: first, due };
  }
}

const never = Number.POSITIVE_INFINITY;

function setState(record: KeyRecord, rule: string, state: unknown): true {
  if (state === undefined) delete record.rules[rule];
  else record.rules[rule] = state;
  return true;
}
