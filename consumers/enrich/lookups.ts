import type { RecordedAnswer, RecordedAnswers } from "../plugin/recorded-answers.js";
import type { LookupOptions } from "./enrich-options.js";

/** What came of a lookup: a value, or why there is none. */
export type Answer = Pick<RecordedAnswer, "value" | "error">;

/** A lookup that was begun for an event. */
export interface PendingLookup {
  readonly key: string;
  readonly promise: Promise<Answer>;
  /** Once it is there. */
  answer: Answer | undefined;
}

/** Lookups begun ahead and not yet asked for, at most. */
const aheadMax = 1_000;

type Ask = (key: string, signal: AbortSignal) => unknown;

/** Runs lookups, a bounded number at a time: those that an event waits for before those ahead. */
export class Lookups {
  readonly #ask: Ask;
  readonly #limits: Required<LookupOptions>;
  readonly #recorded: RecordedAnswers | undefined;
  readonly #onOutside: (key: string, offset: number) => void;
  readonly #ahead = new Map<number, PendingLookup>();
  readonly #waiting: (() => void)[] = [];
  /** Those that are outside. */
  readonly #asking = new Set<AbortController>();
  #running = 0;
  #closed = false;

  /** `onOutside` is told of each lookup that is not answered by what was recorded. */
  constructor(
    ask: Ask,
    limits: Required<LookupOptions>,
    recorded: RecordedAnswers | undefined,
    onOutside: (key: string, offset: number) => void,
  ) {
    this.#ask = ask;
    this.#limits = limits;
    this.#recorded = recorded;
    this.#onOutside = onOutside;
  }

  /** Begins the lookup for the event at `offset`, if there is room. */
  begin(key: string, offset: number): boolean {
    if (this.#ahead.size >= aheadMax || this.#ahead.has(offset)) return false;
    this.#ahead.set(offset, this.#start(key, offset, false));
    return true;
  }

  /** The lookup for the event at `offset`, begun now if it was not. */
  take(key: string, offset: number): PendingLookup {
    const begun = this.#ahead.get(offset);
    this.#ahead.delete(offset);
    return begun?.key === key ? begun : this.#start(key, offset, true);
  }

  /** The event at `offset` needs no lookup. Returns the key of the one that was begun for it. */
  drop(offset: number): string | undefined {
    const begun = this.#ahead.get(offset);
    this.#ahead.delete(offset);
    return begun?.key;
  }

  /** Aborts all that are under way. */
  close(): void {
    this.#closed = true;
    this.#ahead.clear();
    for (const ended of this.#asking) ended.abort(closed());
    for (const go of this.#waiting.splice(0)) go();
  }

  #start(key: string, offset: number, urgent: boolean): PendingLookup {
    const promise = this.#run(key, offset, urgent);
    const pending: PendingLookup = { key, promise, answer: undefined };
    promise.then((answer) => {
      pending.answer = answer;
    });
    return pending;
  }

  /** Never rejects. */
  async #run(key: string, offset: number, urgent: boolean): Promise<Answer> {
    await this.#enter(urgent);
    try {
      const recorded = await this.#recorded?.find(key, offset);
      if (recorded !== undefined) return answerOf(recorded);
      this.#onOutside(key, offset);
      return { value: await this.#askOutside(key) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#leave();
    }
  }

  async #enter(urgent: boolean): Promise<void> {
    if (this.#running < this.#limits.concurrencyMax) {
      this.#running++;
      return;
    }
    await new Promise<void>((go) => {
      if (urgent) this.#waiting.unshift(go);
      else this.#waiting.push(go);
    });
  }

  /** The next one that waits takes the place, or it is free. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  /** The answer as it will be read from the log: what JSON makes of it. */
  async #askOutside(key: string): Promise<unknown> {
    const { timeoutMs, answerBytesMax } = this.#limits;
    if (this.#closed) throw closed();
    const ended = new AbortController();
    const expire = () => ended.abort(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(expire, timeoutMs);
    this.#asking.add(ended);
    try {
      const asked = this.#ask(key, ended.signal);
      const aborted = new Promise<never>((_, reject) => {
        ended.signal.addEventListener("abort", () => reject(ended.signal.reason));
      });
      const value = await Promise.race([asked, aborted]);
      const json = JSON.stringify(value ?? null) ?? "null";
      if (Buffer.byteLength(json) > answerBytesMax)
        throw new Error(`the answer is larger than ${answerBytesMax} bytes`);
      return JSON.parse(json);
    } finally {
      clearTimeout(timer);
      this.#asking.delete(ended);
    }
  }
}

const closed = (): Error => new Error("the consumer was closed");

function answerOf({ value, error }: RecordedAnswer): Answer {
  return error === undefined ? { value } : { error };
}
