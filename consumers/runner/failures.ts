import type { BusEvent, Logger } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { OnFailure } from "../plugin/consumer.js";
import type { StateStore } from "../store/state-store.js";
import type { DueTimer } from "./alarm-clock.js";
import { deadLetterTopic, letterOfEvent, letterOfTimer } from "./dead-letter.js";
import { type Attempts, type Place, PluginFailure, placeOfBatch, reportOf } from "./failure.js";
import type { InFlight } from "./in-flight.js";

export interface FailuresOptions {
  readonly by: { readonly consumer: string; readonly version: string };
  readonly attemptsMax: number;
  readonly onFailure: OnFailure;
  /** Events that may follow a checkpoint uncommitted. */
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
  /** Whether the store's count is out of date. */
  #isChanged = false;
  /** Events of which each is still to be noted while it is in flight. */
  #trackedLeft = 0;
  /** Every event before this offset is committed alone. */
  #stepUntil = 0;
  #lettersInARow = 0;
  #handledAtLetter = -1;

  constructor(options: FailuresOptions) {
    this.#options = options;
  }

  /** Looks for what an earlier run has left. */
  async begin(store: StateStore): Promise<void> {
    this.#attempts = (await store.meta<Attempts | null>(metaName)) ?? undefined;
    const { inFlight, diedOf = "the process died", logger } = this.#options;
    const found = inFlight?.begin();
    if (found?.died !== true) return;
    this.#trackedLeft = this.#options.commitEventsMax;
    if (found.at === undefined) return;
    logger.warn({ place: found.at, diedOf }, "the process died while it handled this");
    await this.#count(store, found.at, new Error(diedOf));
  }

  /** Whether anything but the plain path is wanted. */
  get isWatching(): boolean {
    return this.#attempts !== undefined || this.#trackedLeft > 0 || this.#stepUntil > 0;
  }

  /** Whether the plugin has failed here. */
  isSuspect(place: Place): boolean {
    return this.#attempts?.place === place;
  }

  /** Whether it is to be given up. */
  isLost(place: Place): boolean {
    const { attemptsMax, onFailure } = this.#options;
    return (
      this.isSuspect(place) && onFailure === "dead-letter" && this.#attempts!.count >= attemptsMax
    );
  }

  /** Whether the event is to be committed alone. */
  isStepping(offset: number): boolean {
    if (this.#stepUntil === 0) return false;
    if (offset >= this.#stepUntil) this.#stepUntil = 0;
    return this.#stepUntil > 0;
  }

  enter(place: Place): void {
    if (this.#trackedLeft > 0) this.#options.inFlight?.enter(place);
  }

  leave(): void {
    if (this.#trackedLeft === 0) return;
    this.#trackedLeft--;
    this.#options.inFlight?.leave();
  }

  /** The place that had failed has been passed. */
  cleared(): void {
    this.#attempts = undefined;
    this.#isChanged = true;
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
    if (this.#lettersInARow < lettersInARowMax) return;
    throw new FedbusError(
      "CONSUMER_HALTED",
      `${lettersInARowMax} events in a row could not be handled: the fault is not in the events`,
    );
  }

  /** What the next commit has to say about attempts. */
  meta(): Record<string, unknown> {
    if (!this.#isChanged) return {};
    this.#isChanged = false;
    return { [metaName]: this.#attempts ?? null };
  }

  /**
   * Counts a failure, durably. Resolves with the attempts so far. Throws what is no failure of the
   * plugin's, and CONSUMER_HALTED when there have been enough.
   */
  async failed(error: unknown, store: StateStore): Promise<number> {
    if (!(error instanceof PluginFailure)) throw error;
    const { place, cause } = error;
    if (place.startsWith(batchPrefix)) this.#stepUntil = Number(place.slice(batchPrefix.length));
    return await this.#count(store, place, cause);
  }

  /** A clean end. */
  end(): void {
    this.#options.inFlight?.end();
  }

  async #count(store: StateStore, place: Place, error: unknown): Promise<number> {
    const { logger, attemptsMax, onFailure } = this.#options;
    const count = this.isSuspect(place) ? this.#attempts!.count + 1 : 1;
    this.#attempts = { place, count, error: reportOf(error) };
    this.#isChanged = false;
    await store.commit([], { [metaName]: this.#attempts });
    logger.warn({ place, attempt: count, error: this.#attempts.error }, "the plugin failed");
    if (count < attemptsMax || onFailure !== "halt") return count;
    throw new FedbusError("CONSUMER_HALTED", `the plugin failed ${count} times at ${place}`, {
      details: { place, attempts: count },
      cause: error,
    });
  }
}

const batchPrefix = placeOfBatch(0).slice(0, -1);
