import type { BusEvent } from "../../bus/index.js";
import { type Field, fieldOf } from "../field.js";
import { noteOf } from "../models/troubles/trouble-sentence.js";
import { unseenFeatures } from "../models/troubles/unseen-features.js";
import { type Sought, UnseenPaths, type UnseenState } from "../models/troubles/unseen-paths.js";
import type { Context } from "../plugin/context.js";
import type { OutcomeOptions } from "./serve-options.js";
import type { ServedModel } from "./served-model.js";

/** The fields that serving looks for, besides features. */
export interface SoughtFields {
  readonly id: Field | undefined;
  readonly key: Field | undefined;
  readonly outcomes: Pick<OutcomeOptions, "id" | "label"> | undefined;
}

/** What is watched, by the name under which it is kept. */
type Watched = "id" | "key" | "outcomeId" | "label" | "features";

type State = Readonly<Partial<Record<Watched, UnseenState>>>;

const stateKey = "unseen";
/** So many events without what each of them needs are no accident. */
const toldAt = 10;

const words = {
  id: { what: "have no id", effect: "no outcome finds their predictions; is the path right?" },
  key: { what: "have no key", effect: "no candidate answers them; is the path right?" },
  outcomeId: { what: "tell an outcome without an id", effect: "they are of no use" },
  label: { what: "tell an outcome without a label", effect: "they are of no use" },
} as const;

/**
 * Watches for what serving never finds in any event: ids, labels of outcomes, and features. It is told once, and
 * changes nothing that is published.
 */
export class Unseen {
  readonly #fields: readonly (readonly [Exclude<Watched, "features">, readonly Sought[]])[];
  readonly #watched = new Map<Watched, UnseenPaths>();
  #state: State = {};
  #isOpen = false;
  #isChanged = false;
  /** Of which the features are watched. */
  #model: ServedModel | undefined;

  constructor({ id, key, outcomes }: SoughtFields) {
    this.#fields = [
      ["id", soughtIn(id)],
      ["key", soughtIn(key)],
      ["outcomeId", soughtIn(outcomes?.id)],
      ["label", soughtIn(outcomes?.label)],
    ];
  }

  /** An event is to be scored. */
  sawInput(event: BusEvent, context: Context): void {
    this.#open(context);
    this.#look("id", event, context);
    this.#look("key", event, context);
  }

  /** An event may tell what was the case. */
  sawOutcome(event: BusEvent, context: Context): void {
    this.#open(context);
    this.#look("outcomeId", event, context);
    this.#look("label", event, context);
  }

  /** A model scores an event. */
  sawFeatures(event: BusEvent, model: ServedModel, context: Context): void {
    if (model !== this.#model) this.#watch(model, context);
    this.#look("features", event, context);
  }

  get note(): string | undefined {
    return noteOf(
      [...this.#watched.values()].flatMap((unseen) =>
        unseen.list.map((one) => unseen.sentence(one)),
      ),
    );
  }

  save({ state }: Context): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const entries = [...this.#watched].map(([name, unseen]) => [name, unseen.state]);
    state.put(stateKey, Object.fromEntries(entries));
  }

  #open({ state }: Context): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#state = (state.get(stateKey) as State | undefined) ?? {};
    for (const [name, sought] of this.#fields)
      if (sought.length > 0) {
        const options = { sought, toldAt, words: words[name] };
        this.#watched.set(name, new UnseenPaths(options, this.#state[name]));
      }
  }

  /** Another version with the same features goes on where the one before was. */
  #watch(model: ServedModel, context: Context): void {
    this.#open(context);
    this.#model = model;
    const before = this.#watched.get("features")?.state ?? this.#state.features;
    this.#watched.set("features", unseenFeatures(model.sought, before));
  }

  #look(name: Watched, event: BusEvent, { logger }: Context): void {
    const unseen = this.#watched.get(name);
    if (unseen === undefined || unseen.isDone) return;
    this.#isChanged = true;
    for (const one of unseen.look(event))
      logger.warn({ path: one.path, offset: one.offset }, unseen.sentence(one));
  }
}

function soughtIn(field: Field | undefined): readonly Sought[] {
  if (typeof field !== "string") return [];
  const valueIn = fieldOf(field);
  return [{ path: field, isIn: (event) => (valueIn(event) ?? undefined) !== undefined }];
}
