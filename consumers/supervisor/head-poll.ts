import type { EventSource } from "../../bus/index.js";
import { type LogEnd, type Reader, readersEnd } from "./log-end.js";

const periodMs = 1_000;
/** An answer older than this says nothing any more. */
const validMs = 5_000;
/** Of this process's time and the hub's, asking for the reader's end takes one part in so many at most. */
const readersShare = 20;

/** Asks a hub for its log's end, again and again. */
export class HeadPoll {
  readonly #source: EventSource;
  readonly #reader: () => Reader;
  readonly #timer: NodeJS.Timeout;
  #end: LogEnd | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #readersNotBefore = Number.NEGATIVE_INFINITY;

  constructor(source: EventSource, reader: () => Reader) {
    this.#source = source;
    this.#reader = reader;
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
      this.#end = { head, wantedEnd: await this.#askReaders(head) };
      this.#answeredAt = performance.now();
    } catch {
      // It says so by being old.
    }
    this.#isAsking = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #askReaders(head: number): Promise<number> {
    const startedAt = performance.now();
    if (this.#end !== undefined && startedAt < this.#readersNotBefore) return this.#end.wantedEnd;
    const end = await readersEnd(this.#source, this.#reader(), head);
    const now = performance.now();
    this.#readersNotBefore = now + (now - startedAt) * readersShare;
    return end;
  }
}
