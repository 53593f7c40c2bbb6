import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { emitOutputs } from "../join/output.js";
import { commonOf } from "../plugin/common-options.js";
import type { Consumer, Handlers, Setup } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import { consumer } from "../plugin/define.js";
import { AnswerCache } from "./answer-cache.js";
import { type EnrichPlan, type EnrichSpec, enrichPlan } from "./enrich-options.js";
import { type Answer, Lookups } from "./lookups.js";

/** The topic of the answers that the consumer `name` got from outside. */
export function lookupTopic(name: string): string {
  return `consumers.${name}.lookup`;
}

/**
 * Adds to each event what a lookup outside of the bus says. Outputs keep the events' order. Each
 * answer is published too, `{ key, offset, value }` or `{ key, offset, error }`, and a replay takes it
 * from there. Throws OPTIONS_INVALID.
 */
export function enrich<Value = unknown>(spec: EnrichSpec<Value>): Consumer {
  const plan = enrichPlan(spec as EnrichSpec);
  return consumer({
    ...commonOf(spec),
    topics: plan.topics,
    key: (event) => plan.keyOf(event),
    create: (setup) => new Enrichment(plan, setup),
  });
}

class Enrichment implements Handlers {
  readonly #plan: EnrichPlan;
  readonly #cache: AnswerCache;
  readonly #lookups: Lookups;
  /** Keys that are being looked up ahead. */
  readonly #begun = new Set<string>();
  #warned = false;

  constructor(plan: EnrichPlan, setup: Setup) {
    this.#plan = plan;
    this.#cache = new AnswerCache(plan.cacheEntriesMax);
    this.#lookups = new Lookups(plan.lookup, plan, setup.answers, (key, offset) =>
      this.#warn(setup, key, offset),
    );
  }

  prefetch(event: BusEvent, context: Context): void {
    const key = this.#plan.keyOf(event);
    if (key === undefined || this.#begun.has(key)) return;
    if (this.#cache.get(context, key, event.recordedAt) !== undefined) return;
    if (this.#lookups.begin(key, event.offset) && this.#plan.ttlMs > 0) this.#begun.add(key);
  }

  handle(event: BusEvent, context: Context): void | Promise<void> {
    const key = this.#plan.keyOf(event);
    if (key === undefined)
      return emitOutputs(context, this.#plan.output(event, undefined, undefined), key);
    const held = this.#cache.get(context, key, context.now());
    if (held !== undefined) {
      const dropped = this.#lookups.drop(event.offset);
      if (dropped !== undefined) this.#begun.delete(dropped);
      return this.#finish(event, key, held, context);
    }
    const pending = this.#lookups.take(key, event.offset);
    this.#begun.delete(key);
    if (pending.answer !== undefined) return this.#accept(event, key, pending.answer, context);
    return pending.promise.then((answer) => this.#accept(event, key, answer, context));
  }

  close(): void {
    this.#lookups.close();
  }

  /** Records a new answer, and uses it. */
  #accept(event: BusEvent, key: string, answer: Answer, context: Context): void {
    const { name, ttlMs, failureTtlMs, onLookupFailure } = this.#plan;
    const { offset } = event;
    const failed = answer.error !== undefined;
    if (failed && onLookupFailure === "fail")
      throw new FedbusError(
        "LOOKUP_FAILED",
        `the lookup of ${JSON.stringify(key)} failed: ${answer.error}`,
        {
          details: { key, problem: answer.error },
        },
      );
    context.emit(lookupTopic(name), { key, offset, ...answer }, { key });
    const holdsMs = failed ? failureTtlMs : ttlMs;
    if (holdsMs > 0)
      this.#cache.put(context, key, { offset, until: context.now() + holdsMs, ...answer });
    this.#finish(event, key, answer, context);
  }

  #finish(event: BusEvent, key: string, { value, error }: Answer, context: Context): void {
    if (error !== undefined && this.#plan.onLookupFailure === "drop") return;
    emitOutputs(context, this.#plan.output(event, value, error), key);
  }

  #warn({ replay, logger }: Setup, key: string, offset: number): void {
    if (!replay) return;
    const message = "a replay asks outside, since no answer was recorded";
    if (this.#warned) logger.debug({ key, offset }, message);
    else logger.warn({ consumer: this.#plan.name, key, offset }, message);
    this.#warned = true;
  }
}
