/** Windows that an event can be in at once. */
export const windowsPerEventMax = 1_000;

/**
 * The arithmetic of tumbling and hopping windows. Both are cut into panes, as long as the greatest common divisor of
 * size and slide, so that every window is a whole number of panes (Li et al.: No pane, no gain, 2005). A window or pane
 * goes by its start.
 */
export class Grid {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly paneMs: number;
  readonly #offsetMs: number;

  constructor(sizeMs: number, slideMs: number, offsetMs: number) {
    this.sizeMs = sizeMs;
    this.slideMs = slideMs;
    this.paneMs = divisorOf(sizeMs, slideMs);
    this.#offsetMs = offsetMs;
  }

  /** Start of the pane that `time` is in. */
  paneOf(time: number): number {
    return this.#floor(time, this.paneMs);
  }

  /** Start of the last window that `time` is in. */
  lastOf(time: number): number {
    return this.#floor(time, this.slideMs);
  }

  /** Start of the first window that ends after `time`. */
  firstEndingAfter(time: number): number {
    return this.#floor(time - this.sizeMs, this.slideMs) + this.slideMs;
  }

  #floor(time: number, step: number): number {
    return Math.floor((time - this.#offsetMs) / step) * step + this.#offsetMs;
  }
}

function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}
