import type { BusEvent } from "../../../bus/index.js";
import { type TroubledEvents, type TroubleWords, troubleSentence } from "./trouble-sentence.js";

/** Something that is looked for in each event. */
export interface Sought {
  /** Where, or what it is called. */
  readonly path: string;
  /** Whether it is there: neither undefined nor null. */
  readonly isIn: (event: BusEvent) => boolean;
}

/** What is kept of it, as JSON. */
export interface UnseenState {
  /** Everything that is sought: of something else it says nothing. */
  readonly about: readonly string[];
  /** Events that were looked at. */
  readonly events: number;
  /** The offset of the first of them. */
  readonly offset: number;
  /** What was in none of them. */
  readonly paths: readonly string[];
}

export interface UnseenPathsOptions {
  /** One path may be sought more than once. */
  readonly sought: readonly Sought[];
  /** So many events without it are no accident, if there was none with it ever before. */
  readonly toldAt: number;
  readonly words: TroubleWords;
}

/**
 * Watches for paths that lead nowhere in any event: misspelt ones. What was there once may be missing as often as it
 * likes. Looking costs something only as long as there is something that was never seen.
 */
export class UnseenPaths {
  readonly #about: readonly string[];
  readonly #toldAt: number;
  readonly #words: TroubleWords;
  #sought: readonly Sought[];
  #events = 0;
  #offset = 0;

  constructor({ sought, toldAt, words }: UnseenPathsOptions, state?: UnseenState) {
    this.#sought = [...new Map(sought.map((one) => [one.path, one])).values()];
    this.#about = this.#sought.map(({ path }) => path);
    this.#toldAt = toldAt;
    this.#words = words;
    if (state === undefined || !this.isAbout(state.about)) return;
    this.#sought = this.#sought.filter(({ path }) => state.paths.includes(path));
    this.#events = state.events;
    this.#offset = state.offset;
  }

  /** Whether these are the paths that it watches for. */
  isAbout(paths: readonly string[]): boolean {
    return JSON.stringify(paths) === JSON.stringify(this.#about);
  }

  /** Whether everything was there once: there is nothing to look for any more. */
  get isDone(): boolean {
    return this.#sought.length === 0;
  }

  /** Looks at the next event. Returns what it is time to tell. */
  look(event: BusEvent): readonly TroubledEvents[] {
    if (this.#sought.length === 0) return none;
    if (this.#events++ === 0) this.#offset = event.offset;
    if (this.#sought.some(({ isIn }) => isIn(event)))
      this.#sought = this.#sought.filter(({ isIn }) => !isIn(event));
    return this.#events === this.#toldAt ? this.list : none;
  }

  /** What was never there, once that is no accident. */
  get list(): readonly (TroubledEvents & { readonly path: string })[] {
    if (this.#events < this.#toldAt) return [];
    const counted = { events: this.#events, of: this.#events, offset: this.#offset };
    return this.#sought.map(({ path }) => ({ path, ...counted }));
  }

  sentence(events: TroubledEvents): string {
    return troubleSentence(this.#words, events);
  }

  get state(): UnseenState {
    const paths = this.#sought.map(({ path }) => path);
    return { about: this.#about, events: this.#events, offset: this.#offset, paths };
  }
}

const none: readonly TroubledEvents[] = [];
