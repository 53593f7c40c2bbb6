import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../kernel/clock.js";
import { ExpiryClock } from "../kernel/expiry-clock.js";
import { type Logger, silentLogger } from "../kernel/logger.js";
import { checkOptions } from "../kernel/options.js";
import type { EventLog } from "./event-log.js";
import type { RetentionRule } from "./retention.js";

export interface RetentionKeeperOptions {
  /** Milliseconds between two rounds. Default 60,000. */
  readonly retentionIntervalMs?: number;
  readonly logger?: Logger;
  /** What the log's ages are reckoned by. Default: the system's clock. */
  readonly clock?: Clock;
  /** Milliseconds of a clock that nobody sets. Default `performance.now`. */
  readonly monotonic?: () => number;
}

export const retentionIntervalMsDefault = 60_000;

/**
 * Applies standing orders to a log: a first round at once, then one after every pause. A rule that
 * fails is logged and tried again in the next round. A clock that is set ahead makes nothing expire
 * before its time. Throws OPTIONS_INVALID.
 */
export class RetentionKeeper {
  readonly #log: Pick<EventLog, "trim">;
  readonly #rules: readonly RetentionRule[];
  readonly #logger: Logger;
  readonly #clock: ExpiryClock;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    log: Pick<EventLog, "trim">,
    rules: readonly RetentionRule[],
    options: RetentionKeeperOptions = {},
  ) {
    checkOptions("RetentionKeeper", options, {
      retentionIntervalMs: "count",
      logger: "other",
      clock: "other",
      monotonic: "other",
    });
    this.#log = log;
    this.#rules = rules;
    this.#logger = options.logger ?? silentLogger;
    this.#clock = new ExpiryClock(options.clock, options.monotonic);
    const intervalMs = options.retentionIntervalMs ?? retentionIntervalMsDefault;
    this.#running = rules.length === 0 ? Promise.resolve() : this.#run(intervalMs);
  }

  /** Applies every rule now. Rejects with the abort reason if closed meanwhile. */
  async round(): Promise<void> {
    const { signal } = this.#ending;
    for (const rule of this.#rules) {
      signal.throwIfAborted();
      try {
        const { removed, first } = await this.#log.trim({
          ...rule,
          now: this.#clock.now(),
          signal,
        });
        if (removed > 0) this.#logger.info({ rule, removed, first }, "retention removed events");
      } catch (error) {
        if (!signal.aborted) this.#logger.warn({ rule, error }, "a retention rule failed");
      }
    }
  }

  /** Ends the round in progress. Idempotent. Close it before its log. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(intervalMs: number): Promise<void> {
    const { signal } = this.#ending;
    try {
      while (!signal.aborted) {
        await this.round();
        await sleep(intervalMs, undefined, { signal, ref: false });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
