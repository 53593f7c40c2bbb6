import { readFileSync } from "node:fs";
import type { SupervisorLimits } from "./limits.js";
import type { HostProgress } from "./messages.js";

/** How often it looks, ms. */
const periodMs = 100;
const pageBytes = 4096;

/** What a watchdog is told about the process that it watches. */
export interface Watched {
  readonly pid: number;
  readonly limits: SupervisorLimits;
  /** The log's head, as far as it is known of late; undefined while no hub answers. */
  head(): number | undefined;
  /** Called once, with why the process must end. */
  onFault(why: string): void;
}

/**
 * Sees that a process says something, gets something done and keeps to its memory. Time counts only
 * while this process itself runs: a machine that slept, or was too busy for us, is not the plugin's
 * fault.
 */
export class Watchdog {
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #hasBegun = false;
  #silentMs = 0;
  #stalledMs = 0;
  #progress: HostProgress | undefined;
  #lookedAt = performance.now();

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => this.#look(), periodMs);
  }

  beat(progress: HostProgress): void {
    const before = this.#progress;
    this.#hasBegun = true;
    this.#silentMs = 0;
    this.#progress = progress;
    const moved =
      before === undefined || progress.next !== before.next || progress.handled !== before.handled;
    if (moved) this.#stalledMs = 0;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lookedAt, 2 * periodMs);
    this.#lookedAt = now;
    this.#silentMs += passedMs;
    this.#stalledMs = this.#hasWork() ? this.#stalledMs + passedMs : 0;
    const fault = this.#fault();
    if (fault === undefined) return;
    this.close();
    this.#watched.onFault(fault);
  }

  #hasWork(): boolean {
    const head = this.#watched.head();
    return this.#progress !== undefined && head !== undefined && this.#progress.next < head;
  }

  #fault(): string | undefined {
    const { startMs, watchdogMs, stallMs, rssBytesMax } = this.#watched.limits;
    if (!this.#hasBegun && this.#silentMs > startMs)
      return `it did not begin within ${startMs} ms (startMs)`;
    if (this.#hasBegun && this.#silentMs > watchdogMs)
      return `its event loop was blocked for ${watchdogMs} ms (watchdogMs)`;
    if (this.#stalledMs > stallMs) return `it got nothing done for ${stallMs} ms (stallMs)`;
    const rssBytes = rssOf(this.#watched.pid) ?? this.#progress?.rssBytes ?? 0;
    if (rssBytes > rssBytesMax)
      return `it took ${rssBytes} bytes of memory, more than ${rssBytesMax} (rssBytesMax)`;
    return undefined;
  }
}

/** Linux tells of any process; elsewhere it is what the process says of itself. */
function rssOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return Number.isFinite(pages) ? pages * pageBytes : undefined;
  } catch {
    return undefined;
  }
}
