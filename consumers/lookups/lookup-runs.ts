import type { LookupPlan } from "../plugin/lookup.js";
import type { Answer, Asking, RecordedAnswers } from "../plugin/recorded-answers.js";

/** A lookup that was begun. */
export interface PendingLookup {
  /** Never rejects. */
  readonly promise: Promise<Answer>;
  /** Once it is there. */
  answer: Answer | undefined;
}

/** What the runs of a lookup take from the consumer that runs. */
export interface RunsOptions {
  readonly name: string;
  readonly plan: LookupPlan;
  readonly config: unknown;
  readonly recorded: RecordedAnswers | undefined;
  /** Told of each lookup that is not answered by what was recorded. */
  onOutside(key: string, asking: Asking): void;
}

/** Runs one lookup's questions, a bounded number at a time: those that an event waits for go first. */
export class LookupRuns {
  readonly #options: RunsOptions;
  readonly #waiting: (() => void)[] = [];
  /** Those that are outside. */
  readonly #outside = new Set<AbortController>();
  #running = 0;
  #closed = false;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  start(key: string, asking: Asking, urgent: boolean): PendingLookup {
    const promise = this.#run(key, asking, urgent);
    const pending: PendingLookup = { promise, answer: undefined };
    promise.then((answer) => {
      pending.answer = answer;
    });
    return pending;
  }

  /** Aborts all that are under way. */
  close(): void {
    this.#closed = true;
    for (const ended of this.#outside) ended.abort(closed());
    for (const go of this.#waiting.splice(0)) go();
  }

  async #run(key: string, asking: Asking, urgent: boolean): Promise<Answer> {
    await this.#enter(urgent);
    try {
      const { name, recorded, onOutside } = this.#options;
      const found = await recorded?.find(name, key, asking);
      if (found !== undefined) return answerOf(found);
      onOutside(key, asking);
      return { value: await this.#askOutside(key) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#leave();
    }
  }

  async #enter(urgent: boolean): Promise<void> {
    if (this.#running < this.#options.plan.concurrencyMax) {
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
    const { plan, config } = this.#options;
    const { timeoutMs, answerBytesMax } = plan;
    if (this.#closed) throw closed();
    const ended = new AbortController();
    const expire = () => ended.abort(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(expire, timeoutMs);
    this.#outside.add(ended);
    try {
      const asked = plan.lookup(key, ended.signal, config);
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
      this.#outside.delete(ended);
    }
  }
}

const closed = (): Error => new Error("the consumer was closed");

function answerOf({ value, error }: Answer): Answer {
  return error === undefined ? { value } : { error };
}
