import { monotonicUs } from "./monotonic.js";

/** Counts what comes in, and tells when as much has come as was expected. */
export class Arrivals {
  #count = 0;
  #expected = Number.POSITIVE_INFINITY;
  #tell: (atUs: number) => void = () => {};

  add(count: number): void {
    this.#count += count;
    if (this.#count < this.#expected) return;
    this.#expected = Number.POSITIVE_INFINITY;
    this.#tell(monotonicUs());
  }

  /** Resolves with the time at which `count` more have come, counted from where this was before. */
  expect(count: number): Promise<number> {
    this.#count = 0;
    this.#expected = count;
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}
