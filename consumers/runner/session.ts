import type { Block, BusEvent, FollowedPage } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import { groupOf } from "../store/key-group.js";
import { AlarmClock, type DueTimer } from "./alarm-clock.js";
import type { Checkpoint } from "./checkpoint.js";
import { Committing } from "./committing.js";
import { PluginFailure, placeOfEvent, placeOfTimer } from "./failure.js";
import type { Failures } from "./failures.js";
import { lookingAhead } from "./look-ahead.js";
import { OutputWriter } from "./output-writer.js";
import { RunContext } from "./run-context.js";
import type { RunnerParts } from "./runner-parts.js";
import { Watermark } from "./watermark.js";

/** Sets the random numbers of timers apart from those of events. */
const timerSalt = 0x7157;

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
  /** What the plugin's `key` threw last. */
  #keyFault: unknown;
  /** The log's time of what was handled last, ms. */
  #time: number;

  constructor(parts: RunnerParts, checkpoint: Checkpoint, failures: Failures, signal: AbortSignal) {
    const { consumer, config, replay, answers, logger, store, limits } = parts;
    this.#parts = parts;
    this.#failures = failures;
    this.#time = checkpoint.time;
    this.#watermark = new Watermark(consumer.watermark(config), checkpoint.watermark);
    this.#alarms = new AlarmClock(this.#watermark, limits.timersInMemoryMax);
    this.#writer = new OutputWriter(parts.by, checkpoint);
    const own = { writer: this.#writer, alarms: this.#alarms, watermark: this.#watermark };
    this.#context = new RunContext({ config, replay, store, logger, signal, ...own });
    this.#handlers = consumer.create({ config, replay, logger, ...(answers && { answers }) });
    this.#committing = new Committing(parts, checkpoint, {
      ...own,
      time: () => this.#time,
      flush: () => this.#handlers.flush?.(this.#context),
      failures,
    });
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
        if (done === true) break;
        hasCaughtUp ||= page.caughtUp;
        await this.#page(page);
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
      for (const block of blocks) await this.#events(this.#parts.deliveries.in(block));
    else await this.#events(this.#lookingAhead(blocks));
    this.#committing.reached(next);
    if (time !== undefined) await this.#fireBefore(time);
  }

  #lookingAhead(blocks: readonly Block[]): Iterable<BusEvent> {
    const { partition, limits, deliveries } = this.#parts;
    const events = blocks.flatMap((block) => deliveries.in(block));
    return lookingAhead(events, limits.prefetchEventsMax, (event) => {
      const group = this.#groupOf(event);
      if (group === undefined || group % partition.count !== partition.index) return;
      this.#context.place(group, event.recordedAt, event.offset, 0);
      this.#handlers.prefetch?.(event, this.#context);
    });
  }

  async #events(events: Iterable<BusEvent>): Promise<void> {
    const { partition } = this.#parts;
    const committing = this.#committing;
    for (const event of events) {
      const { recordedAt } = event;
      if (this.#alarms.nextAt < recordedAt) await this.#fireBefore(recordedAt);
      else this.#watermark.pass(recordedAt - 1);
      this.#time = recordedAt;
      const group = this.#groupOf(event) ?? this.#keyless(event);
      this.#writer.causedBy(event.offset);
      let isLost = false;
      if (group % partition.count === partition.index) {
        if (this.#failures.isWatching) isLost = await this.#carefully(event, group);
        else {
          const waiting = this.#handle(event, group);
          if (waiting !== undefined) await waiting;
        }
      }
      this.#watermark.observe(event);
      committing.passed(event);
      if (isLost) await this.#settleLetter();
      while (this.#alarms.isComplete) await this.#fireNext();
      if (this.#failures.isWatching) await this.#settleCarefully(event);
      else if (committing.isDue) await committing.commit();
    }
  }

  /** The event's group of keys; undefined if the plugin cannot tell. */
  #groupOf(event: BusEvent): number | undefined {
    const { consumer, config } = this.#parts;
    if (!consumer.keyed) return 0;
    try {
      return groupOf(consumer.keyOf(event, config));
    } catch (error) {
      this.#keyFault = error;
      return undefined;
    }
  }

  /** The group in which an event is given up whose key cannot be told. Until then that is a failure. */
  #keyless(event: BusEvent): number {
    const place = placeOfEvent(event);
    if (!this.#failures.isLost(place)) throw new PluginFailure(place, this.#keyFault);
    return 0;
  }

  /** Calls the handler; the promise if there is something to wait for. */
  #handle(event: BusEvent, group: number): Promise<void> | undefined {
    this.#context.place(group, event.recordedAt, event.offset, 0);
    this.#committing.totals.handled++;
    try {
      const waiting = this.#handlers.handle(event, this.#context);
      if (waiting === undefined) return undefined;
      return Promise.resolve(waiting).catch((error) => {
        throw new PluginFailure(placeOfEvent(event), error);
      });
    } catch (error) {
      throw new PluginFailure(placeOfEvent(event), error);
    }
  }

  /** An event after a failure: it may be the one that fails. Resolves with whether it was given up. */
  async #carefully(event: BusEvent, group: number): Promise<boolean> {
    const place = placeOfEvent(event);
    if (this.#failures.isSuspect(place)) await this.#committing.settle();
    if (this.#failures.isLost(place)) {
      this.#context.place(group, event.recordedAt, event.offset, 0);
      this.#context.emit(...this.#failures.letterOfEvent(event));
      this.#committing.buried();
      return true;
    }
    this.#failures.enter(place);
    await this.#handle(event, group);
    this.#failures.leave();
    return false;
  }

  /** Commits a dead letter at once: it would be lost, and its place tried again, if the next failed too. */
  async #settleLetter(): Promise<void> {
    await this.#committing.settle();
    this.#failures.cleared();
  }

  /** After a failure: what fails only at the commit must be told from its neighbours. */
  async #settleCarefully(event: BusEvent): Promise<void> {
    const isSuspect = this.#failures.isSuspect(placeOfEvent(event));
    if (isSuspect || this.#failures.isStepping(event.offset)) await this.#committing.settle();
    else if (this.#committing.isDue) await this.#committing.commit();
    if (isSuspect) this.#failures.cleared();
  }

  /** Fires what is due before `time`, the log's time of what comes next. */
  async #fireBefore(time: number): Promise<void> {
    while (this.#alarms.nextAt < time) await this.#fireNext();
    this.#watermark.pass(time - 1);
  }

  async #fireNext(): Promise<void> {
    if (this.#alarms.mustLoad) {
      await this.#committing.settle();
      await this.#alarms.load(this.#parts.store);
      return;
    }
    const timer = this.#alarms.take(this.#time);
    this.#time = timer.firesAt;
    this.#context.place(timer.group, timer.firesAt, timer.at, timerSalt ^ saltOf(timer.key));
    if (this.#failures.isWatching) await this.#fireCarefully(timer);
    else await this.#fire(timer);
    if (this.#committing.isDue) await this.#committing.commit();
  }

  async #fire(timer: DueTimer): Promise<void> {
    const { clock, at, key } = timer;
    try {
      const waiting = this.#handlers.timer?.({ clock, at, key }, this.#context);
      if (waiting !== undefined) await waiting;
    } catch (error) {
      throw new PluginFailure(placeOfTimer(timer), error);
    }
  }

  async #fireCarefully(timer: DueTimer): Promise<void> {
    const place = placeOfTimer(timer);
    if (this.#failures.isLost(place)) {
      this.#context.emit(...this.#failures.letterOfTimer(timer));
      this.#committing.buried();
      await this.#settleLetter();
      return;
    }
    this.#failures.enter(place);
    await this.#fire(timer);
    this.#failures.leave();
    if (!this.#failures.isSuspect(place)) return;
    await this.#committing.settle();
    this.#failures.cleared();
  }
}

function saltOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++)
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0;
  return hash;
}

/** Whether the promise settles without waiting for anything but what has happened already. */
async function isReady(promise: Promise<unknown>): Promise<boolean> {
  let ready = false;
  const tell = (): void => {
    ready = true;
  };
  promise.then(tell, tell);
  await new Promise((resolve) => setImmediate(resolve));
  return ready;
}
