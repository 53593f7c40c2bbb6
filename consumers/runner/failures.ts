import type { BusEvent, Logger } from "../../bus/index.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { OnFailure } from "../plugin/consumer.js";
import type { RecordedAnswer } from "../plugin/recorded-answers.js";
import type { StateStore } from "../store/state-store.js";
import type { DueTimer } from "./alarm-clock.js";
import { deadLetterTopic, letterOfEvent, letterOfTimer } from "./dead-letter.js";
import {
  type Attempts,
  type Fault,
  isBatch,
  isTimer,
  type Place,
  PluginFailure,
  placeOfAsking,
  reportOf,
  theirFrames,
} from "./failure.js";
import type { InFlight } from "./in-flight.js";

export interface FailuresOptions {
  readonly by: { readonly consumer: string; readonly version: string };
  readonly attemptsMax: number;
  readonly onFailure: OnFailure;
  /** Events and timers that may follow a checkpoint uncommitted. */
  readonly commitEventsMax: number;
  /** Where a process notes what it may die of. Without it, deaths are not counted as attempts. */
  readonly inFlight: InFlight | undefined;
  /** How the process before this one ended, if somebody knows. */
  readonly diedOf: string | undefined;
  readonly logger: Logger;
}

const metaName = "attempts";
/** One dead letter after the other, with nothing handled between: the fault is not in the events. */
const lettersInARowMax = 100;

/**
 * Finds the event (or timer) that a consumer cannot handle, counts attempts at it durably, and says
 * when to give it up. A death of the process counts as an attempt at what was in flight.
 */
export class Failures {
  readonly #options: FailuresOptions;
  #attempts: Attempts | undefined;
  /** Whether what is in flight is noted: after a death. */
  #isTracking = false;
  /** What was noted so far. */
  #tracked = 0;
  #isInFlight = false;
  /** Until this event is committed, each event and timer is committed alone. */
  #stepUntil: number | undefined;
  #lettersInARow = 0;
  #handledAtLetter = -1;

  constructor(options: FailuresOptions) {
    this.#options = options;
  }

  /** Looks for what an earlier run has left. */
  async begin(store: StateStore): Promise<void> {
    this.#attempts = (await store.meta<Attempts | null>(metaName)) ?? undefined;
    const { inFlight, diedOf = "the process died" } = this.#options;
    const { died, death } = inFlight?.begin() ?? { died: false, death: undefined };
    this.#isTracking = died;
    if (death === undefined) return;
    // It may have died of something else, after the attempt had failed and was counted.
    if (this.isSuspect(death.place) && death.attempt <= this.#attempts!.count) return;
    await this.#count(store, death, new Error(diedOf));
  }

  /** Whether anything but the plain path is wanted. */
  get isWatching(): boolean {
    return this.#attempts !== undefined || this.#isTracking || this.#stepUntil !== undefined;
  }

  /** Whether the plugin has failed here. */
  isSuspect(place: Place): boolean {
    return this.#attempts?.place === place;
  }

  /** Whether it has failed at a timer. */
  get isTimerSuspect(): boolean {
    return this.#attempts !== undefined && isTimer(this.#attempts.place);
  }

  /** Whether it is to be given up. */
  isLost(place: Place): boolean {
    const { attemptsMax, onFailure } = this.#options;
    return (
      this.isSuspect(place) && onFailure === "dead-letter" && this.#attempts!.count >= attemptsMax
    );
  }

  /** Whether each event and timer is to be committed alone. */
  get isStepping(): boolean {
    return this.#stepUntil !== undefined;
  }

  enter(fault: Fault): void {
    if (!this.#isTracking) return;
    this.#tracked++;
    this.#isInFlight = true;
    const attempt = this.isSuspect(fault.place) ? this.#attempts!.count + 1 : 1;
    this.#options.inFlight?.enter({ ...fault, attempt });
  }

  leave(): void {
    if (this.#isInFlight) this.#options.inFlight?.leave();
    this.#isInFlight = false;
  }

  /** A timer that had failed was handled, or given up: the next commit says that it is done. */
  passed(place: Place): void {
    if (this.isSuspect(place)) this.#attempts = { ...this.#attempts!, until: -1 };
  }

  /** What the last attempt at the place that has failed was answered from outside. */
  get answers(): readonly RecordedAnswer[] {
    return this.#attempts?.answers ?? [];
  }

  /** The dead letter of an event that is given up, and where it goes. */
  letterOfEvent(event: BusEvent): [topic: string, letter: object] {
    const { by } = this.#options;
    return [deadLetterTopic(by.consumer), letterOfEvent(by, event, this.#attempts!)];
  }

  letterOfTimer(timer: DueTimer): [topic: string, letter: object] {
    const { by } = this.#options;
    return [deadLetterTopic(by.consumer), letterOfTimer(by, timer, this.#attempts!)];
  }

  /** A dead letter was written, after `handled` events. Throws CONSUMER_HALTED if there are too many. */
  buried(handled: number): void {
    this.#lettersInARow = handled > this.#handledAtLetter ? 1 : this.#lettersInARow + 1;
    this.#handledAtLetter = handled;
    const { logger, by } = this.#options;
    const where = `\`fedbus dlq list ${by.consumer}\` has it`;
    logger.warn({ place: this.#attempts?.place }, `given up, and made a dead letter: ${where}`);
    if (this.#lettersInARow < lettersInARowMax) return;
    throw new FedbusError(
      "CONSUMER_HALTED",
      `${lettersInARowMax} events in a row could not be handled: the fault is not in the events`,
    );
  }

  /** What a commit has to say about attempts, if the event at `last` is the last one in it. */
  meta(last: number): Record<string, unknown> {
    return this.#isBehind(last) ? { [metaName]: null } : {};
  }

  /** That commit is on disk: only now is the place forgotten, since it may fail at the commit too. */
  committed(last: number): void {
    if (this.#isBehind(last)) this.#attempts = undefined;
    if (this.#stepUntil !== undefined && last >= this.#stepUntil) this.#stepUntil = undefined;
    // What comes uncommitted behind a commit is tracked too, so that every life gets further or tells.
    if (this.#tracked >= this.#options.commitEventsMax) this.#isTracking = false;
  }

  /**
   * Counts a failure, durably, with what was `answered` from outside last. Resolves with the attempts so far. Throws what is no failure of the
   * plugin's, and CONSUMER_HALTED when there have been enough.
   */
  async failed(
    error: unknown,
    store: StateStore,
    answered: readonly RecordedAnswer[] = [],
  ): Promise<number> {
    if (!(error instanceof PluginFailure)) throw error;
    const { fault, cause } = error;
    // No event is to blame for where a consumer was told to send: every one would be lost alike.
    if (isFedbusError(cause, "DESTINATION_FORBIDDEN"))
      throw new FedbusError("CONSUMER_HALTED", cause.message, { details: cause.details, cause });
    if (isBatch(fault.place)) this.#stepUntil = fault.until;
    const answers = answered.filter((answer) => placeOfAsking(answer) === fault.place);
    return await this.#count(store, fault, cause, answers);
  }

  /** A clean end. */
  end(): void {
    this.#options.inFlight?.end();
  }

  /** Who has died cannot say what it was `answered`: then what was known before counts. */
  async #count(
    store: StateStore,
    { place, until }: Fault,
    error: unknown,
    answered?: readonly RecordedAnswer[],
  ): Promise<number> {
    const { attemptsMax, onFailure } = this.#options;
    const before = this.isSuspect(place) ? this.#attempts : undefined;
    const count = (before?.count ?? 0) + 1;
    const answers = answered ?? before?.answers ?? [];
    this.#attempts = { place, until, count, error: reportOf(error), answers };
    await store.commit([], { [metaName]: this.#attempts });
    this.leave();
    // Who knows what a process died of has told that already.
    if (answered !== undefined || this.#options.diedOf === undefined) this.#tell(count);
    if (count < attemptsMax || onFailure !== "halt") return count;
    throw new FedbusError("CONSUMER_HALTED", `the plugin failed ${count} times at ${place}`, {
      details: { place, attempts: count },
      cause: error,
    });
  }

  /** A line an attempt; where it arose is the same each time, and told once. */
  #tell(attempt: number): void {
    const { logger, attemptsMax } = this.#options;
    const { place, error } = this.#attempts!;
    const { name, message, code } = error;
    const frames = attempt === 1 ? theirFrames(error) : [];
    logger.warn(
      { place, code, ...(frames.length > 0 && { at: frames }) },
      `attempt ${attempt} of ${attemptsMax} failed: ${name}: ${message.split("\n", 1)[0]}`,
    );
  }

  #isBehind(last: number): boolean {
    return this.#attempts !== undefined && last >= this.#attempts.until;
  }
}
