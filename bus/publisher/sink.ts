import type { ErrorJson, FedbusError } from "../../schemas/errors.js";
import type { PublishOutcome } from "../bus.js";

/** Who waits for events of a batch. `at` is the event's place in the waiter's own call. */
export interface Sink {
  accepted(at: number, offset: number): void;
  refused(at: number, error: ErrorJson): void;
}

/** The one event of `publish`. */
export class OneSink implements Sink {
  readonly #resolve: (offset: number) => void;
  readonly #reject: (error: FedbusError) => void;
  readonly #revive: (error: ErrorJson) => FedbusError;

  constructor(
    resolve: (offset: number) => void,
    reject: (error: FedbusError) => void,
    revive: (error: ErrorJson) => FedbusError,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#revive = revive;
  }

  accepted(_at: number, offset: number): void {
    this.#resolve(offset);
  }

  refused(_at: number, error: ErrorJson): void {
    this.#reject(this.#revive(error));
  }
}

/** The events of `publishMany`: resolves once each has its outcome. */
export class ManySink implements Sink {
  readonly #outcomes: PublishOutcome[];
  readonly #resolve: (outcomes: PublishOutcome[]) => void;
  #left: number;

  constructor(count: number, resolve: (outcomes: PublishOutcome[]) => void) {
    this.#outcomes = new Array<PublishOutcome>(count);
    this.#resolve = resolve;
    this.#left = count;
    if (count === 0) resolve([]);
  }

  accepted(at: number, offset: number): void {
    this.#set(at, { offset });
  }

  refused(at: number, error: ErrorJson): void {
    this.#set(at, { error });
  }

  #set(at: number, outcome: PublishOutcome): void {
    this.#outcomes[at] = outcome;
    if (--this.#left === 0) this.#resolve(this.#outcomes);
  }
}
