import { Backoff, type Logger } from "../../bus/index.js";
import { type ErrorJson, FedbusError } from "../../schemas/index.js";
import { deathNotedAt } from "../runner/in-flight.js";
import { Child, type ChildEnd, type ChildOptions } from "./child.js";
import type { SupervisorLimits } from "./limits.js";
import type { HostPlan, HostProgress, TableQuery } from "./messages.js";
import { Rate } from "./rate.js";

/**
 * What a partition is doing: `waiting` before another start; `ended` when it has come to where it
 * should; `halted` when it said that it cannot go on; `broken` after too many deaths.
 */
export type PartitionState =
  | "starting"
  | "running"
  | "waiting"
  | "stopped"
  | "ended"
  | "halted"
  | "broken";

export interface PartitionStatus {
  readonly state: PartitionState;
  readonly pid?: number;
  /** Absent if it never began. */
  readonly progress?: HostProgress;
  /** Events handled a second, of late. */
  readonly rate: number;
  /** How often its process was started again. */
  readonly restarts: number;
  /** Why its last process ended, if that was not as it should. */
  readonly error?: ErrorJson;
}

export interface PartitionOptions extends Omit<ChildOptions, "onProgress"> {
  readonly plan: HostPlan;
  readonly limits: SupervisorLimits;
  readonly logger: Logger;
  /** Attempts at one event: so many deaths are the event's own. */
  readonly attemptsMax: number;
  /** How far it has come, before its process says so; undefined if it never began. */
  readonly progress: HostProgress | undefined;
}

const restartMsFirst = 100;
/** Deaths that may come on top of the attempts at one event. */
const deathsSpare = 3;

/** One partition of a consumer: its process, and the next one when that has died. */
export class Partition {
  readonly #options: PartitionOptions;
  readonly #stop = new AbortController();
  readonly #rate = new Rate();
  readonly #backoff: Backoff;
  #child: Child | undefined;
  #state: PartitionState = "starting";
  #progress: HostProgress | undefined;
  #error: FedbusError | undefined;
  #restarts = 0;
  /** Deaths since the consumer last got anywhere. */
  #deaths = 0;
  #reached = "";

  /** Resolves when there will be no process any more: with the state it ended in. */
  readonly ended: Promise<PartitionState>;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#progress = options.progress;
    this.#backoff = new Backoff(restartMsFirst, options.limits.restartMsMax);
    this.ended = this.#run();
  }

  get status(): PartitionStatus {
    const { pid } = this.#child ?? {};
    return {
      state: this.#state,
      ...(pid === undefined ? {} : { pid }),
      ...(this.#progress === undefined ? {} : { progress: this.#progress }),
      rate: this.#state === "running" ? this.#rate.current : 0,
      restarts: this.#restarts,
      ...(this.#error === undefined ? {} : { error: this.#error.toJSON() }),
    };
  }

  /** Lets the process come to a clean end. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#child?.drain();
    await this.ended;
  }

  async query(query: TableQuery) {
    if (this.#child === undefined)
      throw new FedbusError("CONSUMER_BUSY", "the consumer's process is not running just now");
    return await this.#child.query(query);
  }

  async #run(): Promise<PartitionState> {
    let diedOf: string | undefined;
    for (const { signal } = this.#stop; !signal.aborted; ) {
      const end = await this.#life(diedOf);
      diedOf = end.how === "died" ? end.why : undefined;
      const last = signal.aborted ? "stopped" : this.#judge(end);
      if (last !== undefined) return this.#ended(last);
      this.#state = "waiting";
      this.#restarts++;
      // The first death since it got anywhere only tells that there is something to look out for.
      if (end.how !== "died" || this.#deaths > 1) await this.#backoff.wait(signal);
    }
    return this.#ended("stopped");
  }

  #ended(state: PartitionState): PartitionState {
    this.#state = state;
    return state;
  }

  async #life(diedOf: string | undefined): Promise<ChildEnd> {
    const { plan, ...options } = this.#options;
    this.#state = "starting";
    try {
      this.#child = new Child(
        { ...plan, ...(diedOf === undefined ? {} : { diedOf }) },
        { ...options, onProgress: (progress) => this.#hear(progress) },
      );
    } catch (error) {
      return { how: "died", why: `it could not be started: ${(error as Error).message}` };
    }
    const end = await this.#child.ended;
    this.#child = undefined;
    return end;
  }

  #hear(progress: HostProgress): void {
    if (this.#stop.signal.aborted === false) this.#state = "running";
    this.#progress = progress;
    this.#rate.observe(progress.handled);
    // What is committed when a process begins is what those before it got done.
    const reached = `${progress.committedNext} ${progress.deadLetters}`;
    if (reached === this.#reached) return;
    this.#reached = reached;
    this.#deaths = 0;
    this.#backoff.reset();
  }

  /** The state to stay in; undefined to start another process. */
  #judge(end: ChildEnd): PartitionState | undefined {
    const { logger, plan } = this.#options;
    const about = { consumer: plan.name, partition: plan.partition.index };
    if (end.how === "ended") return "ended";
    if (end.how === "failed") {
      this.#error = end.error;
      const { code, message, retryable } = end.error;
      logger[retryable ? "warn" : "error"]({ ...about, code }, message);
      return retryable ? undefined : "halted";
    }
    this.#deaths++;
    this.#error = new FedbusError("CONSUMER_DIED", `the consumer's process died: ${end.why}`);
    this.#tellDeath({ ...about, deaths: this.#deaths }, this.#error);
    if (this.#deaths < this.#deathsMax) return undefined;
    logger.error(about, `it died ${this.#deaths} times without progress, and is left alone`);
    return "broken";
  }

  /** The next process will count it as an attempt at what was in flight, if that is known. */
  #tellDeath(about: object, { message }: FedbusError): void {
    const { logger, plan, attemptsMax } = this.#options;
    const death = deathNotedAt(plan.inFlightPath);
    if (death === undefined) logger.warn(about, message);
    else
      logger.warn(
        { ...about, place: death.place },
        `attempt ${death.attempt} of ${attemptsMax} failed: ${message}`,
      );
  }

  get #deathsMax(): number {
    return Math.max(this.#options.limits.deathsMax, this.#options.attemptsMax + deathsSpare);
  }
}
