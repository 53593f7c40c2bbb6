import type { EventSource } from "../../bus/index.js";
import { wantedEnd } from "./wanted-end.js";

const periodMs = 1_000;
/** An answer older than this says nothing any more. */
const validMs = 5_000;
/** Of this process's time and the hub's, asking for topics takes one part in so many at most. */
const topicsShare = 20;

/** Where a log ends, and where the events end that a consumer wants. */
export interface LogEnd {
  readonly head: number;
  readonly wantedEnd: number;
}

/** Asks a hub for its log's end, again and again. */
export class HeadPoll {
  readonly #source: EventSource;
  readonly #patterns: () => readonly string[];
  readonly #timer: NodeJS.Timeout;
  #end: LogEnd | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #topicsNotBefore = Number.NEGATIVE_INFINITY;

  constructor(source: EventSource, patterns: () => readonly string[]) {
    this.#source = source;
    this.#patterns = patterns;
    this.#timer = setInterval(() => void this.ask(), periodMs);
  }

  /** Undefined while no hub answers. */
  get end(): LogEnd | undefined {
    return performance.now() - this.#answeredAt < validMs ? this.#end : undefined;
  }

  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const { head } = await this.#source.info();
      this.#end = { head, wantedEnd: await this.#askTopics(head) };
      this.#answeredAt = performance.now();
    } catch {
      // It says so by being old.
    }
    this.#isAsking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #askTopics(head: number): Promise<number> {
    const startedAt = performance.now();
    if (this.#end !== undefined && startedAt < this.#topicsNotBefore) return this.#end.wantedEnd;
    const end = await wantedEnd(this.#source, this.#patterns(), head);
    const now = performance.now();
    this.#topicsNotBefore = now + (now - startedAt) * topicsShare;
    return end;
  }
}
