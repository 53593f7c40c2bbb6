import { FedbusError } from "../../schemas/errors.js";

/** Lets followers sleep until the log grows. Both logs have one. */
export class HeadWatch {
  readonly #wake = new Set<() => void>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  /** Wakes every sleeper: the head moved, or the log's front was cut. */
  notify(): void {
    const sleepers = [...this.#wake];
    this.#wake.clear();
    for (const wake of sleepers) wake();
  }

  /** Wakes every sleeper for good: their next wait rejects with CLOSED. */
  close(): void {
    this.#closed = true;
    this.notify();
  }

  /**
   * Resolves at the next `notify`, when `signal` is aborted, or after `timeoutMs`.
   * The caller looks at the head first: nothing can happen between that look and this call.
   */
  async next(signal?: AbortSignal, timeoutMs?: number): Promise<void> {
    if (this.#closed) throw new FedbusError("CLOSED", "the log was closed");
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener("abort", wake);
        this.#wake.delete(wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(wake, timeoutMs);
      this.#wake.add(wake);
      signal?.addEventListener("abort", wake);
    });
    if (this.#closed) throw new FedbusError("CLOSED", "the log was closed");
  }
}
