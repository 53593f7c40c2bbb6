/** Waits longer after each failure, with full jitter; `reset` after a success. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(firstMs = 50, mostMs = 2000, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Resolves after the next wait, or at once when aborted. */
  wait(signal: AbortSignal): Promise<void> {
    const most = Math.min(this.#firstMs * 2 ** this.#failures++, this.#mostMs);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, this.#random() * most);
      if (signal.aborted) done();
      else signal.addEventListener("abort", done, { once: true });
    });
  }

  reset(): void {
    this.#failures = 0;
  }
}
