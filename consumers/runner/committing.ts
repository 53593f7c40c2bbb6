import type { BusEvent } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { keyGroups } from "../store/key-group.js";
import { Sweeper } from "../store/sweeper.js";
import type { AlarmClock } from "./alarm-clock.js";
import { type Checkpoint, checkpointMeta, type Totals } from "./checkpoint.js";
import { deadLetterTopic, letterOfOutput } from "./dead-letter.js";
import { type Place, PluginFailure, placeOfBatch, placeOfEvent } from "./failure.js";
import type { Failures } from "./failures.js";
import type { OutputWriter } from "./output-writer.js";
import type { RunnerParts } from "./runner-parts.js";
import type { Watermark } from "./watermark.js";

/** Outputs that no key's events have caused count apart, so that theirs keep their ids. */
const letterGroup = keyGroups;

/** What a commit takes from the session. */
interface Moment {
  readonly writer: OutputWriter;
  readonly alarms: AlarmClock;
  readonly watermark: Watermark;
  readonly failures: Failures;
  /** The log's time of what was handled last. */
  time(): number;
  flush(): void | Promise<void>;
}

/**
 * Decides when to commit, and does: what leaves the bus first, then state, timers, outputs and
 * checkpoint in one write; once that is on disk, the outputs go to the log. While one commit is
 * written the next events are handled; two are never under way.
 */
export class Committing {
  readonly totals: { -readonly [K in keyof Totals]: Totals[K] };
  readonly #parts: RunnerParts;
  readonly #moment: Moment;
  readonly #sweeper: Sweeper;
  #checkpoint: Checkpoint;
  #next: number;
  #last: Checkpoint["last"];
  #lastEvent: BusEvent | undefined;
  /** Events passed since the last commit. */
  #passed = 0;
  #committedAt = performance.now();
  #underWay: Promise<void> = Promise.resolve();

  constructor(parts: RunnerParts, checkpoint: Checkpoint, moment: Moment) {
    this.#parts = parts;
    this.#moment = moment;
    this.#checkpoint = checkpoint;
    this.#sweeper = new Sweeper(parts.store);
    this.#next = checkpoint.next;
    this.#last = checkpoint.last;
    this.totals = { ...checkpoint.totals };
  }

  /** Whether so much has gathered that a commit must come now. */
  get isDue(): boolean {
    const { commitEventsMax, commitBytesMax } = this.#parts.limits;
    return this.#passed >= commitEventsMax || this.#moment.writer.bytes >= commitBytesMax;
  }

  /** The event, and whatever it caused, is done. */
  passed(event: BusEvent): void {
    this.#passed++;
    this.#lastEvent = event;
    this.#next = event.offset + 1;
  }

  /** The log was read up to before `next`. */
  reached(next: number): void {
    if (next > this.#next) this.#next = next;
    this.#parts.progress.next = this.#next;
  }

  /** A dead letter was written. */
  buried(): void {
    this.totals.deadLetters++;
    this.#moment.failures.buried(this.totals.handled);
  }

  /**
   * There is nothing to do just now. Who follows the log's head commits at once; in history the next page
   * is only on its way, and a commit for each would cost more than what it commits.
   */
  async idle(isAtHead: boolean): Promise<void> {
    const { store, outbox, limits } = this.#parts;
    outbox.check();
    const hasWork = !this.#moment.writer.isEmpty || store.changes.length > 0;
    const moved = this.#next > this.#checkpoint.next;
    const isTime = performance.now() - this.#committedAt >= limits.commitIntervalMs;
    const hasToDo = hasWork || outbox.hasRefused;
    if (isTime ? hasToDo || moved || outbox.hasAnswers : isAtHead && hasToDo) await this.commit();
  }

  /** Begins a commit; resolves when the next events may be handled. */
  async commit(): Promise<void> {
    const { hook, outbox } = this.#parts;
    hook("flush");
    await this.#flush();
    await this.#sweeper.sweep(this.#moment.time());
    await this.#underWay;
    hook("commit");
    this.#underWay = this.#write();
    this.#underWay.catch(() => {});
    await outbox.room();
    if (this.#moment.alarms.isFull) {
      await this.#underWay;
      this.#moment.alarms.shrink();
    }
  }

  /** Commits, and resolves when that is on disk. */
  async settle(): Promise<void> {
    await this.commit();
    await this.#underWay;
  }

  /** The feed has ended: commits until all outputs are where they belong. */
  async finish(): Promise<void> {
    const { outbox, signal } = this.#parts;
    await this.settle();
    while (!signal.aborted && outbox.isSending) {
      await outbox.drained();
      await this.settle();
    }
  }

  /** Waits for the commit under way, whatever becomes of it. */
  async abandon(): Promise<void> {
    await this.#underWay.catch(() => {});
  }

  async #flush(): Promise<void> {
    try {
      await this.#moment.flush();
    } catch (error) {
      throw new PluginFailure(this.#place(), error);
    }
  }

  /** Where a fault lies that shows only now. */
  #place(): Place {
    const event = this.#lastEvent;
    return this.#passed <= 1 && event !== undefined
      ? placeOfEvent(event)
      : placeOfBatch(this.#next);
  }

  #write(): Promise<void> {
    const { store, outbox, hook } = this.#parts;
    const { alarms, writer, failures } = this.#moment;
    this.#buryRefused();
    const batches = writer.take();
    for (const { count } of batches) this.totals.outputs += count;
    const operations = [
      ...alarms.operations(),
      ...outbox.operations(batches),
      ...this.#sweeper.operations(),
    ];
    this.#checkpoint = this.#current();
    const meta = { ...checkpointMeta(this.#checkpoint), ...failures.meta() };
    const place = this.#place();
    this.#passed = 0;
    this.#committedAt = performance.now();
    const checkpoint = this.#checkpoint;
    return store.commit(operations, meta).then(
      () => {
        hook("committed");
        this.#parts.progress.committed(checkpoint);
        outbox.send(batches);
      },
      (error) => {
        throw isFedbusError(error, "STATE_INVALID") ? new PluginFailure(place, error) : error;
      },
    );
  }

  #buryRefused(): void {
    const { by, outbox, logger } = this.#parts;
    for (const refused of outbox.takeRefused()) {
      const topic = deadLetterTopic(by.consumer);
      if (refused.topic === topic) {
        // A dead letter that is refused itself has nowhere left to go.
        logger.error({ error: refused.error }, "the hub refused a dead letter");
        continue;
      }
      const letter = letterOfOutput(by, refused);
      this.#moment.writer.write(letterGroup, this.#moment.time(), topic, letter, undefined);
      this.totals.deadLetters++;
    }
  }

  #current(): Checkpoint {
    const { writer, watermark, time } = this.#moment;
    const event = this.#lastEvent;
    if (event !== undefined) this.#last = { offset: event.offset, epoch: event.epoch };
    return {
      logId: this.#checkpoint.logId,
      next: this.#next,
      ...(this.#last !== undefined && { last: this.#last }),
      time: time(),
      nextSeq: writer.nextSeq,
      cause: { offset: writer.cause.offset, counts: { ...writer.cause.counts } },
      watermark: watermark.state,
      version: this.#parts.by.version,
      totals: { ...this.totals },
    };
  }
}
