const secondMs = 1_000;

/** Lets so many through a second, and counts the others. */
export class Quota {
  readonly #perSecondMax: number;
  readonly #nowMs: () => number;
  #second = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #dropped = 0;

  constructor(perSecondMax: number, nowMs: () => number = () => performance.now()) {
    this.#perSecondMax = perSecondMax;
    this.#nowMs = nowMs;
  }

  /** Whether one more may pass now. */
  take(): boolean {
    const second = Math.floor(this.#nowMs() / secondMs);
    if (second !== this.#second) {
      this.#second = second;
      this.#passed = 0;
    }
    const mayPass = ++this.#passed <= this.#perSecondMax;
    if (!mayPass) this.#dropped++;
    return mayPass;
  }

  /** How many did not pass since it was last asked. */
  dropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
