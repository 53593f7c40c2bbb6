import type { BusEvent } from "../../bus/index.js";
import { TopicFilter } from "../../schemas/index.js";
import { type Field, fieldOf } from "../field.js";
import {
  type CoOccurrence,
  type CoOccurrenceHyper,
  coOccurrence,
} from "../models/learners/co-occurrence/co-occurrence.js";
import { decodeState, encodeState, type StoredState } from "../models/learners/state-codec.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";

/** Baskets between two snapshots of all that is known: those in between are stored as they are. */
const snapshotEvery = 1_000;

const modelKey = "model";
const countsKey = "counts";

export interface RecommenderPlan {
  readonly name: string;
  readonly hyper: CoOccurrenceHyper;
  readonly items: Field;
  readonly count: number;
  readonly metricsEvery: number;
  readonly baskets: readonly string[];
  readonly asks: { readonly topics: readonly string[]; readonly items: Field } | undefined;
  readonly output: string;
}

/** What is counted, as JSON. */
interface Counts {
  readonly baskets: number;
  /** Baskets of which the last item was asked for, and how often it was among the answers. */
  readonly tested: number;
  readonly hits: number;
  /** The same since the last report. */
  readonly recent: readonly [tested: number, hits: number];
}

/** Learns baskets and answers for others. */
export class Recommender implements Handlers {
  readonly #plan: RecommenderPlan;
  readonly #isBasket: TopicFilter;
  readonly #isAsk: TopicFilter | undefined;
  readonly #itemsOf: (event: BusEvent) => readonly string[];
  readonly #askedOf: (event: BusEvent) => readonly string[];
  #model: CoOccurrence | undefined;
  #counts: Counts = { baskets: 0, tested: 0, hits: 0, recent: [0, 0] };

  constructor(plan: RecommenderPlan) {
    this.#plan = plan;
    this.#isBasket = TopicFilter.of(plan.baskets);
    this.#isAsk = plan.asks && TopicFilter.of(plan.asks.topics);
    this.#itemsOf = itemsIn(plan.items);
    this.#askedOf = itemsIn(plan.asks?.items ?? plan.items);
  }

  handle(event: BusEvent, context: Context): void {
    this.#model ??= this.#restore(context.state);
    if (this.#isAsk?.test(event.topic)) this.#answer(this.#askedOf(event), context);
    if (!this.#isBasket.test(event.topic)) return;
    const basket = this.#itemsOf(event);
    if (basket.length === 0) return;
    if (this.#plan.asks === undefined) this.#answer(basket, context);
    this.#test(basket);
    this.#learn(basket, context);
  }

  #answer(basket: readonly string[], context: Context): void {
    const { output, count } = this.#plan;
    context.emit(output, { basket, items: this.#model!.recommend(basket, count) });
  }

  /** Would the last item have been among the answers for the others? */
  #test(basket: readonly string[]): void {
    const distinct = [...new Set(basket)];
    if (distinct.length < 2) return;
    const last = distinct.pop()!;
    const answers = this.#model!.recommend(distinct, this.#plan.count);
    const hit = answers.some(({ item }) => item === last) ? 1 : 0;
    const { tested, hits, recent } = this.#counts;
    this.#counts = {
      ...{ ...this.#counts, tested: tested + 1, hits: hits + hit },
      recent: [recent[0] + 1, recent[1] + hit],
    };
  }

  #learn(basket: readonly string[], { state, emit }: Context): void {
    const { name, metricsEvery } = this.#plan;
    const model = this.#model!;
    model.learn(basket);
    const baskets = this.#counts.baskets + 1;
    this.#counts = { ...this.#counts, baskets };
    state.put(basketKey(baskets), basket);
    if (baskets % metricsEvery === 0) {
      const { tested, hits, recent } = this.#counts;
      const [total, window] = [
        { tested, hitRate: share(hits, tested) },
        { tested: recent[0], hitRate: share(recent[1], recent[0]) },
      ];
      emit(`models.${name}.metrics`, { baskets, window, total });
      this.#counts = { ...this.#counts, recent: [0, 0] };
    }
    if (baskets % snapshotEvery === 0) state.put(modelKey, encodeState(model.save()));
    state.put(countsKey, this.#counts);
  }

  /** The last snapshot, and the baskets since then learnt again. */
  #restore(state: Table): CoOccurrence {
    const counts = state.get(countsKey) as Counts | undefined;
    const stored = state.get(modelKey) as StoredState | undefined;
    const model = coOccurrence.open(this.#plan.hyper, stored && decodeState(stored));
    if (counts === undefined) return model;
    this.#counts = counts;
    const known = Math.floor(counts.baskets / snapshotEvery) * snapshotEvery;
    for (let number = known + 1; number <= counts.baskets; number++)
      model.learn(state.get(basketKey(number)) as readonly string[]);
    return model;
  }
}

/** The same keys come again after each snapshot. */
function basketKey(number: number): string {
  return `basket:${String(number % snapshotEvery).padStart(4, "0")}`;
}

function itemsIn(field: Field): (event: BusEvent) => readonly string[] {
  const valueIn = fieldOf(field);
  return (event) => {
    const value = valueIn(event);
    if (!Array.isArray(value)) return [];
    return value.filter((item) => typeof item === "string" || typeof item === "number").map(String);
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
