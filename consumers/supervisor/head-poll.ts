import type { EventSource } from "../../bus/index.js";

const periodMs = 1_000;
/** An answer older than this says nothing any more. */
const validMs = 5_000;

/** Asks a hub for its log's head, again and again. */
export class HeadPoll {
  readonly #source: EventSource;
  readonly #timer: NodeJS.Timeout;
  #head: number | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(source: EventSource) {
    this.#source = source;
    this.#timer = setInterval(() => void this.ask(), periodMs);
  }

  /** Undefined while no hub answers. */
  get head(): number | undefined {
    return performance.now() - this.#answeredAt < validMs ? this.#head : undefined;
  }

  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const { head } = await this.#source.info();
      this.#head = head;
      this.#answeredAt = performance.now();
    } catch {
      // It says so by being old.
    }
    this.#isAsking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
