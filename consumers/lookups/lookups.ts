import type { BusEvent, Logger } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { LookupPlan } from "../plugin/lookup.js";
import {
  type Answer,
  type Asking,
  lookupTopic,
  type RecordedAnswer,
  type RecordedAnswers,
} from "../plugin/recorded-answers.js";
import type { Timer } from "../plugin/timers.js";
import { AheadLookups } from "./ahead.js";
import { AnswerCache, type Tables } from "./answer-cache.js";
import { LookupRuns, type PendingLookup } from "./lookup-runs.js";

/** What lookups take from the run that they belong to. */
export interface LookupsOptions {
  readonly consumer: string;
  readonly plans: Readonly<Record<string, LookupPlan>>;
  readonly config: unknown;
  readonly replay: boolean;
  readonly recorded: RecordedAnswers | undefined;
  readonly logger: Logger;
  readonly tables: Tables;
  /** Offset of the event being handled, or of the last one before the timer. */
  offset(): number;
  /** Its group of keys. */
  group(): number;
  now(): number;
  emit: Context["emit"];
}

/** One of a consumer's lookups. */
interface Lookup {
  readonly name: string;
  readonly plan: LookupPlan;
  readonly cache: AnswerCache;
  readonly runs: LookupRuns;
  readonly ahead: AheadLookups;
}

interface Asked {
  readonly lookup: Lookup;
  readonly key: string;
  readonly pending: PendingLookup;
}

/**
 * What a consumer asks outside of the bus, in one life of its handlers. When an event has been handled, the
 * answers to it are recorded and kept, in the order of their names and keys: whichever came first outside
 * makes no difference.
 */
export class Lookups {
  readonly #options: LookupsOptions;
  readonly #lookups = new Map<string, Lookup>();
  /** For what is asked just now; undefined outside of handlers. */
  #asking: Asking | undefined;
  #isAhead = false;
  /** Of the event or timer handled last, by lookup and key. */
  readonly #asked = new Map<string, Asked>();
  #answersTo: Asking | undefined;
  #warned = false;

  constructor(options: LookupsOptions) {
    this.#options = options;
    const { plans, tables, config, recorded } = options;
    for (const [name, plan] of Object.entries(plans)) {
      const onOutside = (key: string, asking: Asking) => this.#warn(name, key, asking);
      const runs = new LookupRuns({ name, plan, config, recorded, onOutside });
      const ahead = new AheadLookups(runs, plan.ttlMs > 0 && plan.cacheEntriesMax > 0);
      const cache = new AnswerCache(tables, name, plan.cacheEntriesMax);
      this.#lookups.set(name, { name, plan, cache, runs, ahead });
    }
  }

  /** What was answered to the event or timer that was handled last, whether or not it is recorded. */
  get answers(): readonly RecordedAnswer[] {
    return [...this.#asked.keys()].sort().flatMap((id) => {
      const { lookup, key, pending } = this.#asked.get(id)!;
      if (pending.answer === undefined) return [];
      return [{ lookup: lookup.name, key, ...this.#answersTo!, ...pending.answer }];
    });
  }

  /** See `Context.lookup`. */
  get(name: string, key: string): unknown {
    const lookup = this.#lookups.get(name);
    if (lookup === undefined) throw unknownLookup(name, [...this.#lookups.keys()]);
    if (typeof key !== "string" || !key.isWellFormed())
      throw failed(name, String(key), "its key is not text");
    if (this.#asking === undefined) throw failed(name, key, "only handlers can wait for one");
    const asked = this.#isAhead ? undefined : this.#asked.get(`${name} ${key}`);
    const held = asked === undefined ? lookup.cache.get(key, this.#options.now()) : undefined;
    if (held !== undefined) return given(name, key, held);
    const pending = asked?.pending ?? this.#begin(lookup, key, this.#asking);
    if (pending === undefined) return Promise.resolve();
    if (pending.answer !== undefined) return given(name, key, pending.answer);
    return unminded(pending.promise.then((answer) => given(name, key, answer)));
  }

  /** `handlers` that can look things up. */
  around(handlers: Handlers): Handlers {
    const { timer, prefetch } = handlers;
    const around: Handlers = {
      ...(handlers.flush && { flush: (context) => handlers.flush!(context) }),
      ...(handlers.prefetchEventsMax !== undefined && {
        prefetchEventsMax: handlers.prefetchEventsMax,
      }),
      handle: (event, context) =>
        this.#while({ offset: event.offset }, () => handlers.handle(event, context)),
      close: async () => {
        for (const { runs } of this.#lookups.values()) runs.close();
        await handlers.close?.();
      },
    };
    if (timer !== undefined)
      around.timer = (due, context) =>
        this.#while(this.#askingOf(due), () => timer.call(handlers, due, context));
    if (prefetch !== undefined)
      around.prefetch = (event, context) =>
        this.#lookAhead(event, () => prefetch.call(handlers, event, context));
    return around;
  }

  #askingOf({ clock, at, key }: Timer): Asking {
    const { offset, group } = this.#options;
    return { offset: offset(), timer: { clock, at, group: group(), key } };
  }

  #begin(lookup: Lookup, key: string, asking: Asking): PendingLookup | undefined {
    const { offset, timer } = asking;
    if (this.#isAhead) {
      lookup.ahead.begin(offset, this.#options.group(), key);
      return lookup.ahead.find(offset, key);
    }
    const ahead = timer === undefined ? lookup.ahead.find(offset, key) : undefined;
    const pending = ahead ?? lookup.runs.start(key, asking, true);
    this.#asked.set(`${lookup.name} ${key}`, { lookup, key, pending });
    return pending;
  }

  #lookAhead({ offset }: BusEvent, prefetch: () => void): void {
    this.#asking = { offset };
    this.#isAhead = true;
    try {
      prefetch();
    } finally {
      this.#asking = undefined;
      this.#isAhead = false;
    }
  }

  /** Lets a handler ask, and records what it was answered once it is done. */
  #while(asking: Asking, handle: () => void | Promise<void>): void | Promise<void> {
    this.#asked.clear();
    this.#asking = asking;
    this.#answersTo = asking;
    let result: void | Promise<void>;
    try {
      result = handle();
    } catch (error) {
      return this.#fail(error);
    }
    if (result !== undefined)
      return Promise.resolve(result).then(
        () => this.#end(),
        (error) => this.#fail(error),
      );
    return this.#end();
  }

  #end(): void | Promise<void> {
    const waiting = this.#answered();
    return waiting === undefined ? this.#record() : waiting.then(() => this.#record());
  }

  /** What was asked for is known when the failure is: a replay must fail in the same way. */
  #fail(error: unknown): Promise<never> {
    const waiting = this.#answered() ?? Promise.resolve();
    return waiting.then(() => {
      this.#asking = undefined;
      throw error;
    });
  }

  /** A promise only if answers are still to come. */
  #answered(): Promise<unknown> | undefined {
    const pending = [...this.#asked.values()].map((asked) => asked.pending);
    if (pending.every(({ answer }) => answer !== undefined)) return undefined;
    return Promise.all(pending.map(({ promise }) => promise));
  }

  #record(): void {
    const { consumer, emit, now } = this.#options;
    const { offset } = this.#asking!;
    this.#asking = undefined;
    for (const { ahead } of this.#lookups.values()) ahead.passed(offset);
    if (this.#asked.size === 0) return;
    for (const answer of this.answers) {
      const { lookup, key, value, error } = answer;
      const { cache, plan } = this.#lookups.get(lookup)!;
      emit(lookupTopic(consumer), answer, { key });
      const holdsMs = error === undefined ? plan.ttlMs : plan.failureTtlMs;
      const held = error === undefined ? { value } : { error };
      if (holdsMs > 0) cache.put(key, { offset, until: now() + holdsMs, ...held });
    }
  }

  #warn(lookup: string, key: string, { offset }: Asking): void {
    const { replay, consumer, logger } = this.#options;
    if (!replay) return;
    const message = "a replay asks outside, since no answer was recorded";
    if (this.#warned) logger.debug({ lookup, key, offset }, message);
    else logger.warn({ consumer, lookup, key, offset }, message);
    this.#warned = true;
  }
}

/** The value, or a promise that is rejected: who asks side by side sees each failure where it belongs. */
function given(name: string, key: string, { value, error }: Answer): unknown {
  return error === undefined ? value : unminded(Promise.reject(failed(name, key, error)));
}

/** A handler may ask and not look at the answer; it is recorded nevertheless. */
function unminded<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

function failed(lookup: string, key: string, problem: string): FedbusError {
  const shown = key.length > 100 ? `${key.slice(0, 100)}…` : key;
  return new FedbusError(
    "LOOKUP_FAILED",
    `the lookup ${lookup} of ${JSON.stringify(shown)} failed: ${problem}`,
    { details: { lookup, key: shown, problem } },
  );
}

/** OPTIONS_INVALID: the consumer declares no such lookup. */
export function unknownLookup(name: string, declared: readonly string[]): FedbusError {
  const known = declared.length === 0 ? "none" : declared.join(", ");
  return new FedbusError("OPTIONS_INVALID", `there is no lookup ${name}: declared are ${known}`, {
    details: { lookup: name, declared },
  });
}
