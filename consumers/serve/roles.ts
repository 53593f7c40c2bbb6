import { TopicFilter } from "../../schemas/index.js";
import { modelTopic } from "../models/registry/model-version.js";
import type { ModelEventKind } from "./model-events.js";

/** What an event is to a consumer that serves a model; it may be several things. */
export interface Role {
  /** It is to be scored. */
  readonly isInput: boolean;
  /** It says what was the case. */
  readonly isOutcome: boolean;
  /** It is about a model. */
  readonly about: ModelEventKind | undefined;
}

export interface RolesOptions {
  readonly inputs: readonly string[];
  readonly outcomes: readonly string[];
  readonly model: string;
  /** Whether what is promoted matters. */
  readonly follows: boolean;
  /** Whether models that are not promoted matter. */
  readonly takesOffers: boolean;
  /** Another model's name, of which the promoted one is a candidate. */
  readonly shadowed: string | undefined;
}

/** Topics whose role is remembered, at most. */
const topicsMax = 10_000;

/** Tells by its topic what an event is. */
export class Roles {
  /** Everything that is read. */
  readonly topics: readonly string[];
  readonly #inputs: TopicFilter;
  readonly #outcomes: TopicFilter | undefined;
  readonly #about: ReadonlyMap<string, ModelEventKind>;
  readonly #byTopic = new Map<string, Role>();
  /** What was asked for last: events mostly come in rows of one topic. */
  #last: { readonly topic: string; readonly role: Role } | undefined;

  constructor({ inputs, outcomes, model, follows, takesOffers, shadowed }: RolesOptions) {
    const about = new Map<string, ModelEventKind>();
    if (follows) about.set(modelTopic(model, "promoted"), "promoted");
    if (takesOffers)
      for (const kind of ["trained", "imported"]) about.set(modelTopic(model, kind), "offered");
    if (shadowed !== undefined) about.set(modelTopic(shadowed, "promoted"), "shadowed");
    this.#about = about;
    this.#inputs = TopicFilter.of(inputs);
    this.#outcomes = outcomes.length === 0 ? undefined : TopicFilter.of(outcomes);
    this.topics = [...new Set([...inputs, ...outcomes, ...about.keys()])];
  }

  of(topic: string): Role {
    if (this.#last?.topic === topic) return this.#last.role;
    const role = this.#byTopic.get(topic) ?? this.#find(topic);
    this.#last = { topic, role };
    return role;
  }

  #find(topic: string): Role {
    const about = this.#about.get(topic);
    const role: Role = {
      // However wide the patterns are: news of a model are no rows for it.
      isInput: about === undefined && this.#inputs.test(topic),
      isOutcome: this.#outcomes?.test(topic) ?? false,
      about,
    };
    if (this.#byTopic.size >= topicsMax) this.#byTopic.clear();
    this.#byTopic.set(topic, role);
    return role;
  }
}
