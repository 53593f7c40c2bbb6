import type { Folds, States } from "./folds.js";
import type { Added, Arrival, KeyedShape, Release } from "./keyed-shape.js";
import type { Plan } from "./plan.js";
import type { SessionWindow } from "./window-kinds.js";
import type { Interval, Timing } from "./window-result.js";

/** A session, as it is stored. */
export interface Session {
  /** Time of its first event. */
  start: number;
  /** Time of its last event. */
  last: number;
  states: States;
  /** 1 once it was published as complete. It is kept for as long as it may be renewed. */
  closed: 0 | 1;
  /** Results published so far; after a merge, of the one that had more. */
  emissions: number;
  /** What results were published for, as far as they hold. */
  published: readonly Interval[];
  events: number;
  /** 1 if events came since the last early result. */
  changed: 0 | 1;
}

/** Session windows: parts are sessions, which never overlap. */
export class SessionShape implements KeyedShape<Session> {
  readonly #folds: Folds;
  readonly #gapMs: number;
  readonly #sizeMsMax: number;
  readonly #latenessMs: number;
  readonly #everyCount: number | undefined;

  constructor(plan: Plan, { gapMs, sizeMsMax = Number.POSITIVE_INFINITY }: SessionWindow) {
    this.#folds = plan.folds;
    this.#gapMs = gapMs;
    this.#sizeMsMax = sizeMsMax;
    this.#latenessMs = plan.allowedLatenessMs;
    this.#everyCount = plan.everyCount;
  }

  add(parts: Session[], arrival: Arrival, release: (result: Release) => void): Added {
    const { event, time, watermark } = arrival;
    const alone = { start: time, end: this.#endOf(time, time) };
    const at = this.#place(parts, alone);
    if (at === undefined) {
      if (alone.end + this.#latenessMs <= watermark) return { missed: [alone], due: Infinity };
    }
    const session = at === undefined ? this.#insert(parts, time) : this.#extend(parts, at, alone);
    this.#folds.add(session.states, event, time);
    session.events++;
    session.changed = 1;
    const end = this.#endOf(session.start, session.last);
    session.closed = end <= watermark ? 1 : 0;
    if (session.closed === 1) this.#release(session, "late", release);
    else if (this.#everyCount !== undefined && session.events % this.#everyCount === 0)
      this.#release(session, "early", release);
    return { missed: [], due: session.closed === 1 ? end + this.#latenessMs : end };
  }

  advance(parts: Session[], _from: number, to: number, release: (result: Release) => void): void {
    let kept = 0;
    for (const session of parts) {
      const end = this.#endOf(session.start, session.last);
      if (session.closed === 0 && end <= to) {
        this.#release(session, "on-time", release);
        session.closed = 1;
      }
      if (end + this.#latenessMs > to) parts[kept++] = session;
    }
    parts.length = kept;
  }

  due(parts: readonly Session[]): number {
    let due = Infinity;
    for (const { start, last, closed } of parts)
      due = Math.min(due, this.#endOf(start, last) + (closed === 1 ? this.#latenessMs : 0));
    return due;
  }

  early(parts: Session[], _watermark: number, release: (result: Release) => void): void {
    for (const session of parts)
      if (session.closed === 0 && session.changed === 1) this.#release(session, "early", release);
  }

  #release(session: Session, timing: Timing, release: (result: Release) => void): void {
    const { start, last, states, emissions, published } = session;
    const window = { start, end: this.#endOf(start, last) };
    const replaces = published.filter((old) => old.start !== start || old.end !== window.end);
    release({ ...window, states, timing, revision: emissions, replaces });
    session.emissions++;
    session.published = [window];
    session.changed = 0;
  }

  /** Where a session from `start` with its last event at `last` ends. */
  #endOf(start: number, last: number): number {
    const max = this.#sizeMsMax;
    if (max === Infinity) return last + this.#gapMs;
    return Math.min(last + this.#gapMs, (Math.floor(start / max) + 1) * max);
  }

  /** The last of the sessions that overlap `alone`. */
  #place(parts: readonly Session[], { start, end }: Interval): number | undefined {
    for (let at = parts.length - 1; at >= 0; at--) {
      const session = parts[at]!;
      if (this.#endOf(session.start, session.last) <= start) return undefined;
      if (session.start < end) return at;
    }
    return undefined;
  }

  #insert(parts: Session[], time: number): Session {
    const session: Session = {
      start: time,
      last: time,
      states: this.#folds.create(),
      closed: 0,
      emissions: 0,
      published: [],
      events: 0,
      changed: 0,
    };
    let at = parts.length;
    while (at > 0 && parts[at - 1]!.start > time) at--;
    parts.splice(at, 0, session);
    return session;
  }

  /** The session at `at` with `alone` in it; one before it that it now touches is joined with it. */
  #extend(parts: Session[], at: number, { start, end }: Interval): Session {
    const session = parts[at]!;
    session.start = Math.min(session.start, start);
    session.last = Math.max(session.last, start);
    const before = parts[at - 1];
    if (
      before === undefined ||
      this.#endOf(before.start, before.last) <= start ||
      before.start >= end
    )
      return session;
    this.#folds.merge(before.states, session.states);
    before.last = session.last;
    before.events += session.events;
    before.emissions = Math.max(before.emissions, session.emissions);
    before.published = [...before.published, ...session.published];
    parts.splice(at, 1);
    return before;
  }
}
