import { setImmediate as turn } from "node:timers/promises";
import type { Block, BusEvent, FollowedPage } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import { lookupTopic, type RecordedAnswer } from "../plugin/recorded-answers.js";
import { groupOf } from "../store/key-group.js";
import { AlarmClock, type DueTimer } from "./alarm-clock.js";
import { Burials } from "./burials.js";
import type { Checkpoint } from "./checkpoint.js";
import { Committing } from "./committing.js";
import { faultOfEvent, faultOfTimer, PluginFailure } from "./failure.js";
import type { Failures } from "./failures.js";
import { isReady } from "./is-ready.js";
import { lookingAhead } from "./look-ahead.js";
import { OutputWriter } from "./output-writer.js";
import { Pace } from "./pace.js";
import { RunContext } from "./run-context.js";
import type { RunnerParts } from "./runner-parts.js";
import { saltOf } from "./timer-salt.js";
import { Watermark } from "./watermark.js";

/**
 * One life of the handlers: from the checkpoint on, until the feed ends or something fails. Then
 * whatever was not committed is given up.
 *
 * Before an event recorded at R, all timers fire that are due before R; after it, those whose event
 * time the watermark has reached. Nothing here depends on when pages come or how large they are.
 */
export class Session {
  readonly #parts: RunnerParts;
  readonly #failures: Failures;
  readonly #handlers: Handlers;
  readonly #context: RunContext;
  readonly #writer: OutputWriter;
  readonly #watermark: Watermark;
  readonly #alarms: AlarmClock;
  readonly #committing: Committing;
  readonly #burials: Burials;
  readonly #signal: AbortSignal;
  readonly #pace = new Pace();
  /** Why the key of the event being handled cannot be told. */
  #keyError: { readonly error: unknown } | undefined;
  /** The log's time of what was handled last, ms. */
  #time: number;

  constructor(parts: RunnerParts, checkpoint: Checkpoint, failures: Failures, signal: AbortSignal) {
    const { consumer, config, replay, answers, logger, store, limits, partition, blobs } = parts;
    this.#parts = parts;
    this.#failures = failures;
    this.#signal = signal;
    this.#time = checkpoint.time;
    this.#watermark = new Watermark(consumer.watermark(config), checkpoint.watermark);
    this.#burials = new Burials(store, partition);
    this.#alarms = new AlarmClock(this.#watermark, limits.timersInMemoryMax);
    this.#writer = new OutputWriter(parts.by, { ...checkpoint, slabs: parts.slabs });
    const own = { writer: this.#writer, alarms: this.#alarms, watermark: this.#watermark };
    const { name, lookups } = consumer;
    const asks = { consumer: name, lookups, answers, blobs };
    this.#context = new RunContext({ config, replay, store, logger, signal, ...asks, ...own });
    const handlers = consumer.create({
      ...{ name, config, replay, logger },
      ...(consumer.code !== undefined && { code: consumer.code }),
    });
    this.#handlers = this.#context.lookups?.around(handlers) ?? handlers;
    parts.progress.noteBy(() => handlers.note?.());
    this.#committing = new Committing(parts, checkpoint, {
      ...own,
      time: () => this.#time,
      flush: () => this.#handlers.flush?.(this.#context),
      failures,
    });
  }

  /** What was asked outside, and answered, for what was handled last. */
  get answers(): readonly RecordedAnswer[] {
    return this.#context.lookups?.answers ?? [];
  }

  /** Runs until the feed ends. Rejects with a PluginFailure, or with what the bus or store says. */
  async run(feed: AsyncIterable<FollowedPage>): Promise<void> {
    await this.#alarms.restore(this.#parts.store);
    const pages = feed[Symbol.asyncIterator]();
    let hasCaughtUp = false;
    try {
      for (;;) {
        const coming = pages.next();
        if (!(await isReady(coming))) await this.#committing.idle(hasCaughtUp);
        this.#parts.hook("read");
        const { value: page, done } = await coming;
        this.#pace.begin();
        if (done === true) break;
        hasCaughtUp ||= page.caughtUp;
        await this.#page(page);
        // A page that was asked for ahead must not be taken for the next one.
        if (this.#isEnding) break;
      }
      await this.#committing.finish();
    } finally {
      void pages.return?.();
    }
  }

  /** Ends the handlers. */
  async close(): Promise<void> {
    await this.#committing.abandon();
    await this.#handlers.close?.();
  }

  async #page({ blocks, next, time }: FollowedPage): Promise<void> {
    if (this.#handlers.prefetch === undefined)
      for (const block of blocks)
        for (const run of this.#parts.deliveries.in(block)) await this.#events(run);
    else await this.#events(this.#lookingAhead(blocks));
    if (this.#isEnding) return;
    this.#committing.reached(next);
    if (time !== undefined) await this.#fireBefore(time);
  }

  #lookingAhead(blocks: readonly Block[]): Iterable<BusEvent> {
    const { partition, limits, deliveries } = this.#parts;
    const { prefetchEventsMax: wantedMax = limits.prefetchEventsMax } = this.#handlers;
    const aheadMax = Math.min(wantedMax, limits.prefetchEventsMax);
    return lookingAhead(deliveries.inAll(blocks), aheadMax, (event) => {
      const group = this.#groupOf(event);
      if (this.#keyError !== undefined || group % partition.count !== partition.index) return;
      if (!this.#burials.admits(event)) return;
      this.#context.place(group, event.recordedAt, event.offset, 0);
      try {
        this.#handlers.prefetch?.(event, this.#context);
      } catch {
        // It will fail again where it counts: when the event is handled.
      }
    });
  }

  async #events(events: Iterable<BusEvent>): Promise<void> {
    const { partition } = this.#parts;
    const committing = this.#committing;
    for (const event of events) {
      if (this.#isEnding) return;
      const { recordedAt } = event;
      if (this.#alarms.nextAt < recordedAt) await this.#fireBefore(recordedAt);
      else this.#watermark.pass(recordedAt - 1);
      if (this.#isEnding) return;
      this.#time = recordedAt;
      const group = this.#groupOf(event);
      this.#writer.causedBy(event.offset);
      if (this.#burials.admits(event)) {
        if (group % partition.count !== partition.index) {
          if (this.#keyError !== undefined) this.#burials.buryKeyless(event);
        } else if (this.#failures.isWatching) await this.#carefully(event, group);
        else {
          const waiting = this.#handle(event, group);
          if (waiting !== undefined) await waiting;
        }
      }
      this.#burials.passed(event);
      this.#watermark.observe(event);
      committing.passed(event);
      if (this.#failures.isWatching) await this.#settleCarefully(event);
      while (this.#alarms.isComplete && !this.#isEnding) await this.#fireNext();
      if (committing.isDue) await committing.commit();
      if (this.#pace.isLong) await this.#breathe();
    }
  }

  /** The group of the event's key; 0 if it cannot be told, where calling the handler then fails. */
  #groupOf(event: BusEvent): number {
    const { consumer, config } = this.#parts;
    this.#keyError = undefined;
    if (!consumer.keyed) return 0;
    try {
      return groupOf(consumer.keyOf(event, config));
    } catch (error) {
      this.#keyError = { error };
      return 0;
    }
  }

  /** Calls the handler; the promise if there is something to wait for. */
  #handle(event: BusEvent, group: number): Promise<void> | undefined {
    this.#context.place(group, event.recordedAt, event.offset, 0);
    this.#committing.totals.handled++;
    try {
      if (this.#keyError !== undefined) throw this.#keyError.error;
      const waiting = this.#handlers.handle(event, this.#context);
      if (waiting === undefined) return undefined;
      return Promise.resolve(waiting).catch((error) => {
        throw new PluginFailure(faultOfEvent(event), error);
      });
    } catch (error) {
      throw new PluginFailure(faultOfEvent(event), error);
    }
  }

  /** An event after a failure: it may be the one that fails, or that is given up. */
  async #carefully(event: BusEvent, group: number): Promise<void> {
    const fault = faultOfEvent(event);
    if (this.#failures.isSuspect(fault.place)) await this.#committing.settle();
    if (this.#failures.isLost(fault.place)) {
      this.#context.place(group, event.recordedAt, event.offset, 0);
      this.#bury(this.#failures.letterOfEvent(event));
      if (this.#keyError === undefined) this.#burials.bury(event, group);
      else this.#burials.buryKeyless(event);
      return;
    }
    this.#failures.enter(fault);
    await this.#handle(event, group);
    this.#failures.leave();
  }

  /** Writes a dead letter, behind what its last attempt was answered from outside: a replay fails by it too. */
  #bury(letter: readonly [topic: string, letter: object]): void {
    const topic = lookupTopic(this.#parts.by.consumer);
    for (const answer of this.#failures.answers)
      this.#context.emit(topic, answer, { key: answer.key });
    this.#context.emit(...letter);
    this.#committing.buried();
  }

  /**
   * After a failure: what fails only at the commit must be told from its neighbours; and a dead
   * letter would be lost, and its place tried again, if the next event failed too.
   */
  async #settleCarefully(event: BusEvent): Promise<void> {
    const { isStepping } = this.#failures;
    if (isStepping || this.#failures.isSuspect(faultOfEvent(event).place))
      await this.#committing.settle();
  }

  /** Fires what is due before `time`, the log's time of what comes next. */
  async #fireBefore(time: number): Promise<void> {
    while (this.#alarms.nextAt < time) {
      if (this.#isEnding) return;
      await this.#fireNext();
    }
    this.#watermark.pass(time - 1);
  }

  async #fireNext(): Promise<void> {
    if (this.#alarms.mustLoad) {
      await this.#committing.settle();
      await this.#alarms.load(this.#parts.store);
      return;
    }
    // Before it is taken: a commit in between would lose it.
    if (this.#failures.isTimerSuspect) await this.#committing.settle();
    const timer = this.#alarms.take(this.#time);
    this.#time = timer.firesAt;
    this.#context.place(timer.group, timer.firesAt, timer.at, saltOf(timer));
    if (this.#failures.isWatching) await this.#fireCarefully(timer);
    else {
      await this.#fire(timer);
      this.#committing.fired(timer);
    }
    if (this.#committing.isDue) await this.#committing.commit();
    if (this.#pace.isLong) await this.#breathe();
  }

  async #fire(timer: DueTimer): Promise<void> {
    const { clock, at, key } = timer;
    try {
      const waiting = this.#handlers.timer?.({ clock, at, key }, this.#context);
      if (waiting !== undefined) await waiting;
    } catch (error) {
      throw new PluginFailure(faultOfTimer(timer, this.#committing.lastOffset), error);
    }
  }

  async #fireCarefully(timer: DueTimer): Promise<void> {
    const fault = faultOfTimer(timer, this.#committing.lastOffset);
    const isSuspect = this.#failures.isSuspect(fault.place);
    if (this.#failures.isLost(fault.place)) {
      this.#bury(this.#failures.letterOfTimer(timer));
    } else {
      this.#failures.enter(fault);
      await this.#fire(timer);
      this.#failures.leave();
    }
    this.#committing.fired(timer);
    this.#failures.passed(fault.place);
    if (isSuspect || this.#failures.isStepping) await this.#committing.settle();
  }

  /** Lets whatever waits in this process have its turn, and commits if that is overdue. */
  async #breathe(): Promise<void> {
    await turn();
    this.#pace.begin();
    await this.#committing.busy();
  }

  /** Whether the run is to end: what is left comes again, from the checkpoint. */
  get #isEnding(): boolean {
    return this.#signal.aborted;
  }
}
