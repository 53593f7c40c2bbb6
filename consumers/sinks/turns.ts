import { FedbusError } from "../../schemas/errors.js";
import { deliveryFailed } from "./failures.js";

/** Lets one delivery run at a time, in call order, and none after close. */
export class Turns {
  readonly #what: string;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  /** Runs `work` when its turn comes. Rejects with CLOSED, or DELIVERY_FAILED when aborted before. */
  take(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(this.#closed());
    const turn = this.#last.then(async () => {
      if (signal.aborted)
        throw deliveryFailed(`${this.#what}: the delivery was broken off`, {}, signal.reason);
      await work();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Waits for the turns that were taken, then runs `release`, once. */
  close(release: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#last.then(release);
    return this.#closing;
  }

  #closed(): FedbusError {
    return new FedbusError("CLOSED", `${this.#what} is closed`);
  }
}
