/** How long what was seen counts, about, ms. */
const memoryMs = 5_000;

/** How fast a count rises, a second: smoothed over the last seconds. */
export class Rate {
  #count: number | undefined;
  #atMs = 0;
  #rate = 0;

  get current(): number {
    return this.#rate;
  }

  /** The count is `count` now. One that falls begins anew. */
  observe(count: number, nowMs: number = performance.now()): void {
    const before = this.#count;
    const passedMs = nowMs - this.#atMs;
    this.#count = count;
    this.#atMs = nowMs;
    if (before === undefined || count < before || passedMs <= 0) return;
    const weight = 1 - Math.exp(-passedMs / memoryMs);
    this.#rate += weight * (((count - before) * 1000) / passedMs - this.#rate);
  }
}
