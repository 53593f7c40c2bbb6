import { noteOf, type TroubleWords, troubleSentence } from "../models/troubles/trouble-sentence.js";
import { unseenFeatures } from "../models/troubles/unseen-features.js";
import type { UnseenPaths } from "../models/troubles/unseen-paths.js";

/** Why an event, or a value of it, could not be learnt from. */
export type TroubleKind =
  | "withoutLabel"
  | "wrongLabel"
  | "unlabelled"
  | "withoutKey"
  | "labelOfNothing"
  | "wrongValues"
  | "withoutFeature";

/** Events that could not be learnt from, or not with all their values, for one reason. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** Where it was looked for; absent if a function does that, or for all paths that there are too many of. */
  readonly path?: string;
  readonly events: number;
  /** The offset of the first of them. */
  readonly offset: number;
  /** Whether it was said. */
  readonly isTold?: true;
}

/** What is kept of them, as JSON. */
export interface TroublesState {
  /** Events from which something was to be learnt, and labels. */
  readonly seen: number;
  readonly list: readonly Trouble[];
}

/** Reasons that are told apart by their paths, at most. Further ones count by their kind alone. */
const troublesMax = 64;
/** So many events alike are no accident: if all so far were so, or if they are that many among others. */
const toldAt = { ofAll: 10, ofSome: 100 } as const;

const notLearnt = "nothing is learnt from them";

/** What is said of them. That no label comes in time for some rows is nothing to be told. */
const words: Readonly<Partial<Record<TroubleKind, TroubleWords>>> = {
  withoutLabel: { what: "have no label", effect: notLearnt },
  wrongLabel: { what: "have a label that is none", effect: notLearnt },
  withoutKey: { what: "have no key to find their label by", effect: notLearnt },
  labelOfNothing: {
    what: "have a label for no event that waits for one",
    effect: "it is of no use",
  },
  wrongValues: {
    what: "have a value that its encoder cannot take",
    effect: "it counts as missing",
  },
};

/** From events with these the rest is learnt. */
const ofFeatures: ReadonlySet<TroubleKind> = new Set(["wrongValues", "withoutFeature"]);

/** Counts what could not be learnt from, and says once where many events have the same trouble. */
export class Troubles {
  #seen: number;
  readonly #byReason = new Map<string, Trouble>();
  readonly #unseen: UnseenPaths;

  /** `unseen`: features that were in no event yet. */
  constructor(
    state: TroublesState = { seen: 0, list: [] },
    unseen: UnseenPaths = unseenFeatures([]),
  ) {
    this.#seen = state.seen;
    this.#unseen = unseen;
    for (const trouble of state.list) this.#byReason.set(reasonOf(trouble), trouble);
  }

  /** An event came from which something is to be learnt, or a label. */
  saw(): void {
    this.#seen++;
  }

  /** Counts an event. Returns the sentence to be told, when it is time for it. */
  count(kind: TroubleKind, path: string | undefined, offset: number): string | undefined {
    const named = { kind, ...(path !== undefined && { path }) };
    const hasRoom = this.#byReason.has(reasonOf(named)) || this.#byReason.size < troublesMax;
    const trouble = hasRoom ? named : { kind };
    const reason = reasonOf(trouble);
    const before = this.#byReason.get(reason) ?? { ...trouble, events: 0, offset };
    const now = { ...before, events: before.events + 1 };
    const isTold = before.isTold === true || this.#isNoAccident(now);
    this.#byReason.set(reason, { ...now, ...(isTold && { isTold: true }) });
    return isTold && before.isTold !== true ? this.#sentence(now) : undefined;
  }

  /** Events from which nothing was learnt at all. */
  get lost(): number {
    return this.list
      .filter(({ kind }) => !ofFeatures.has(kind))
      .reduce((sum, { events }) => sum + events, 0);
  }

  /** By kind, over all paths. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind, events } of this.list) counts[kind] = (counts[kind] ?? 0) + events;
    return counts;
  }

  /** The most frequent first, without whether it was said. */
  get reported(): readonly Omit<Trouble, "isTold">[] {
    return this.list.map(({ isTold: _, ...trouble }) => trouble);
  }

  /** The most frequent first. */
  get list(): readonly Trouble[] {
    const unseen = this.#unseen.list.map(
      ({ path, events, offset }): Trouble => ({ kind: "withoutFeature", path, events, offset }),
    );
    const all = [...this.#byReason.values(), ...unseen];
    return all.sort((a, b) => b.events - a.events || a.offset - b.offset);
  }

  /** The most frequent ones, if they are no accidents. */
  get note(): string | undefined {
    return noteOf([
      ...this.list
        .filter((trouble) => this.#isNoAccident(trouble))
        .map((one) => this.#sentence(one)),
      ...this.#unseen.list.map((one) => this.#unseen.sentence(one)),
    ]);
  }

  get state(): TroublesState {
    return { seen: this.#seen, list: [...this.#byReason.values()] };
  }

  #isNoAccident({ events }: Trouble): boolean {
    return events >= (events === this.#seen ? toldAt.ofAll : toldAt.ofSome);
  }

  #sentence({ kind, path, events, offset }: Trouble): string | undefined {
    const told = words[kind];
    return told && troubleSentence(told, { path, events, of: this.#seen, offset });
  }
}

function reasonOf({ kind, path = "" }: Pick<Trouble, "kind" | "path">): string {
  return `${kind} ${path}`;
}
