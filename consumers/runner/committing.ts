import type { BusEvent, NumberedBatch } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { keyGroups } from "../store/key-group.js";
import { Sweeper } from "../store/sweeper.js";
import type { AlarmClock, DueTimer } from "./alarm-clock.js";
import { type Checkpoint, checkpointMeta, type Totals } from "./checkpoint.js";
import { deadLetterTopic, letterOfOutput } from "./dead-letter.js";
import { type Fault, faultOfBatch, faultOfEvent, faultOfTimer, PluginFailure } from "./failure.js";
import type { Failures } from "./failures.js";
import { type Answers, outboxOperations, type RefusedOutput } from "./outbox.js";
import type { OutputWriter } from "./output-writer.js";
import type { RunnerParts } from "./runner-parts.js";
import type { Watermark } from "./watermark.js";

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

/** What a commit has written. */
interface Written {
  readonly checkpoint: Checkpoint;
  readonly batches: readonly NumberedBatch[];
  readonly last: number;
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
  /** Events and timers since the last commit; whether there were events; the last, if it is a timer. */
  #steps = 0;
  #hasPassed = false;
  #lastTimer: DueTimer | undefined;
  #committedAt = performance.now();
  #underWay: Promise<void> = Promise.resolve();
  /** Why the commit under way has failed. */
  #failure: { readonly error: unknown } | undefined;

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
    return (
      this.#steps >= commitEventsMax ||
      this.#moment.writer.bytes >= commitBytesMax ||
      this.#parts.store.isFull ||
      this.#parts.outbox.isFull
    );
  }

  /** The event, and whatever it caused, is done. */
  passed(event: BusEvent): void {
    this.#steps++;
    this.#hasPassed = true;
    this.#lastTimer = undefined;
    this.#lastEvent = event;
    this.#next = event.offset + 1;
  }

  /** The timer, and whatever it caused, is done. */
  fired(timer: DueTimer): void {
    this.#steps++;
    this.#lastTimer = timer;
  }

  /** The offset of the last event; -1 before the first. */
  get lastOffset(): number {
    return this.#lastEvent?.offset ?? this.#last?.offset ?? -1;
  }

  /** The log was read up to before `next`. */
  reached(next: number): void {
    if (next > this.#next) this.#next = next;
    this.#parts.progress.next = this.#next;
  }

  /** A dead letter was written. */
  buried(): void {
    this.#countLetter();
    this.#moment.failures.buried(this.totals.handled);
  }

  /**
   * There is nothing to do just now. Who follows the log's head commits at once; in history the next page
   * is only on its way, and a commit for each would cost more than what it commits.
   */
  async idle(isAtHead: boolean): Promise<void> {
    const { store, outbox } = this.#parts;
    this.#check();
    const hasWork = !this.#moment.writer.isEmpty || store.changes.length > 0;
    const moved = this.#next > this.#checkpoint.next;
    const hasToDo = hasWork || outbox.hasRefused || outbox.isFull;
    if (this.#isTime ? hasToDo || moved || outbox.hasAnswers : isAtHead && hasToDo)
      await this.commit();
  }

  /** There is a lot to do, and it takes its time. */
  async busy(): Promise<void> {
    this.#check();
    if (this.#isTime) await this.commit();
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

  get #isTime(): boolean {
    return performance.now() - this.#committedAt >= this.#parts.limits.commitIntervalMs;
  }

  /** Throws if a commit has failed, or outputs cannot be published: nobody else may be waiting. */
  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#parts.outbox.check();
  }

  async #flush(): Promise<void> {
    try {
      await this.#moment.flush();
    } catch (error) {
      throw new PluginFailure(this.#fault(), error);
    }
  }

  /** Where a fault lies that shows only now. */
  #fault(): Fault {
    if (this.#steps === 1 && this.#lastTimer !== undefined)
      return faultOfTimer(this.#lastTimer, this.lastOffset);
    if (this.#steps === 1) return faultOfEvent(this.#lastEvent!);
    return faultOfBatch(this.#next, this.lastOffset + (this.#hasPassed ? 0 : 1));
  }

  #write(): Promise<void> {
    const { store, outbox, limits } = this.#parts;
    const { alarms, writer, failures } = this.#moment;
    const answers = outbox.takeAnswers();
    this.#bury(answers.refused);
    const writtenBytes = writer.bytes;
    const batches = writer.take();
    for (const { count } of batches) this.totals.outputs += count;
    const isFiled = writtenBytes >= limits.outboxFileBytesMin;
    const operations = [
      ...alarms.operations(),
      ...outboxOperations(isFiled ? [] : batches, answers.seqs),
      ...this.#sweeper.operations(),
    ];
    this.#checkpoint = this.#current();
    const last = this.lastOffset;
    const meta = { ...checkpointMeta(this.#checkpoint), ...failures.meta(last) };
    const written = { checkpoint: this.#checkpoint, batches, last };
    const fault = this.#fault();
    this.#steps = 0;
    this.#hasPassed = false;
    this.#committedAt = performance.now();
    return store.commit(operations, meta, isFiled ? batches : []).then(
      () => this.#written(written),
      (error) => this.#failed(error, fault, answers),
    );
  }

  #written({ checkpoint, batches, last }: Written): void {
    const { hook, progress, outbox, slabs } = this.#parts;
    hook("committed");
    this.#moment.failures.committed(last);
    progress.committed(checkpoint);
    outbox.send(batches);
    slabs?.giveBack(batches);
    try {
      // Only now: what was refused is kept as dead letters, which are on their way.
      outbox.refusals.check();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #failed(cause: unknown, fault: Fault, answers: Answers): never {
    const error = isFedbusError(cause, "STATE_INVALID") ? new PluginFailure(fault, cause) : cause;
    this.#failure = { error };
    this.#parts.outbox.returnAnswers(answers);
    throw error;
  }

  #bury(outputs: readonly RefusedOutput[]): void {
    const { by, logger, partition } = this.#parts;
    // They count apart from what events have caused, which keeps its ids, and from other processes'.
    const letterGroup = keyGroups + (partition.index % keyGroups);
    const [first] = outputs;
    if (first !== undefined)
      logger.warn(
        { topic: first.topic, code: first.error.code, refused: outputs.length },
        `the hub refused outputs: ${first.error.message}; \`fedbus dlq list ${by.consumer}\` has them`,
      );
    for (const refused of outputs) {
      const topic = deadLetterTopic(by.consumer);
      if (refused.topic === topic) {
        // A dead letter that is refused itself has nowhere left to go.
        logger.error({ error: refused.error }, "the hub refused a dead letter");
        continue;
      }
      const letter = letterOfOutput(by, refused);
      this.#moment.writer.write(letterGroup, this.#moment.time(), topic, letter, undefined);
      this.#countLetter();
    }
  }

  /** The writer counts it as an output. */
  #countLetter(): void {
    this.totals.deadLetters++;
    this.totals.outputs--;
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
      cause: writer.cause,
      watermark: watermark.state,
      version: this.#parts.by.version,
      totals: { ...this.totals },
    };
  }
}
