import type { Blobs, Logger } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { answerTables } from "../lookups/answer-cache.js";
import { Lookups, unknownLookup } from "../lookups/lookups.js";
import type { Context, EmitOptions } from "../plugin/context.js";
import type { LookupPlan } from "../plugin/lookup.js";
import type { RecordedAnswers } from "../plugin/recorded-answers.js";
import type { Table } from "../plugin/table.js";
import type { TimerClock, Timers } from "../plugin/timers.js";
import type { Scope } from "../store/scope.js";
import type { StateStore } from "../store/state-store.js";
import { StoredTable } from "../store/stored-table.js";
import type { AlarmClock } from "./alarm-clock.js";
import type { OutputWriter } from "./output-writer.js";
import { SeededRandom } from "./random.js";
import type { Watermark } from "./watermark.js";

/** What a context is made of. */
export interface ContextParts {
  readonly consumer: string;
  readonly config: unknown;
  readonly replay: boolean;
  readonly lookups: Readonly<Record<string, LookupPlan>>;
  readonly answers: RecordedAnswers | undefined;
  readonly store: StateStore;
  readonly writer: OutputWriter;
  readonly alarms: AlarmClock;
  readonly watermark: Watermark;
  readonly blobs: Blobs;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The table of `context.state`. */
const stateTable = "state";

const reservedTables: ReadonlySet<string> = new Set(Object.values(answerTables));

/** The context of a run: one object, told before each call what is being handled. */
export class RunContext implements Context, Scope {
  readonly config: unknown;
  readonly replay: boolean;
  readonly state: Table;
  readonly timers: Timers;
  readonly blobs: Blobs;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Undefined if the consumer declares none. */
  readonly lookups: Lookups | undefined;
  group = 0;
  #now = 0;
  readonly #parts: ContextParts;
  readonly #tables = new Map<string, Table>();
  readonly #random = new SeededRandom();
  #seed = 0;
  #salt = 0;
  #isSeeded = false;

  constructor(parts: ContextParts) {
    this.#parts = parts;
    this.config = parts.config;
    this.replay = parts.replay;
    this.blobs = parts.blobs;
    this.logger = parts.logger;
    this.signal = parts.signal;
    this.state = this.table(stateTable);
    this.timers = new ScopedTimers(this, parts);
    if (Object.keys(parts.lookups).length > 0) this.lookups = this.#makeLookups(parts);
  }

  /** What is handled from here on: in which group, at which time of the log, seeded by what. */
  place(group: number, now: number, seed: number, salt: number): void {
    this.group = group;
    this.#now = now;
    this.#seed = seed;
    this.#salt = salt;
    this.#isSeeded = false;
  }

  // Functions of their own, so that a plugin may take them out: `({ emit, now }) => ...`.

  readonly now = (): number => this.#now;

  readonly random = (): number => {
    if (!this.#isSeeded) this.#random.seed(this.#seed, this.#salt);
    this.#isSeeded = true;
    return this.#random.next();
  };

  readonly table = <Value = unknown>(name: string): Table<Value> => {
    if (this.lookups !== undefined && reservedTables.has(name))
      throw new FedbusError("STATE_INVALID", `the table ${name} is that of the lookups' answers`);
    return this.#table<Value>(name);
  };

  #table<Value>(name: string): Table<Value> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new StoredTable(this.#parts.store, this, name);
      this.#tables.set(name, table);
    }
    return table as Table<Value>;
  }

  readonly emit = (topic: string, msg: unknown, options?: EmitOptions): void => {
    this.#parts.writer.write(this.group, this.#now, topic, msg, options);
  };

  readonly lookup = <Value = unknown>(name: string, key: string): Value | Promise<Value> => {
    if (this.lookups === undefined) throw unknownLookup(name, []);
    return this.lookups.get(name, key) as Value | Promise<Value>;
  };

  #makeLookups({ consumer, lookups, answers, writer, config, replay, logger }: ContextParts) {
    return new Lookups({
      ...{ consumer, plans: lookups, recorded: answers, config, replay, logger },
      tables: (name) => this.#table(name),
      offset: () => writer.offset,
      group: () => this.group,
      now: this.now,
      emit: this.emit,
    });
  }
}

/** The timers of the group that is being handled. */
class ScopedTimers implements Timers {
  readonly #scope: Scope;
  readonly #alarms: AlarmClock;
  readonly #watermark: Watermark;

  constructor(scope: Scope, parts: ContextParts) {
    this.#scope = scope;
    this.#alarms = parts.alarms;
    this.#watermark = parts.watermark;
  }

  get watermark(): number {
    return this.#watermark.current;
  }

  readonly set = (clock: TimerClock, at: number, key: string): void => {
    checkTimer(clock, at, key);
    this.#alarms.set(clock, at, this.#scope.group, key);
  };

  readonly delete = (clock: TimerClock, at: number, key: string): void => {
    checkTimer(clock, at, key);
    this.#alarms.delete(clock, at, this.#scope.group, key);
  };
}

/** Characters of a timer's key: as of a table's. */
const timerKeyLengthMax = 4096;

function checkTimer(clock: string, at: number, key: string): void {
  const problem =
    (clock !== "log" && clock !== "event" && `no clock ${clock}`) ||
    (!Number.isSafeInteger(at) && `no time ${at}: it is a whole number of ms`) ||
    ((typeof key !== "string" || key.length > timerKeyLengthMax || !key.isWellFormed()) &&
      `no such key: it is a string of Unicode, of at most ${timerKeyLengthMax} characters`);
  if (problem !== false) throw new FedbusError("STATE_INVALID", `a timer has ${problem}`);
}
