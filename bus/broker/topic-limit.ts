import type { RefusedEvent } from "../block/producer-run.js";
import type { EventSource } from "../log/event-source.js";
import type { Admission } from "./admission.js";

/**
 * Bounds how many distinct topics a log can have, since each costs memory and an index entry. A
 * batch that would go past the bound is refused whole: finding room for a part of it is not worth
 * a second path.
 */
export class TopicLimit {
  readonly #known: Set<string>;
  readonly #topicsMax: number;

  private constructor(known: Set<string>, topicsMax: number) {
    this.#known = known;
    this.#topicsMax = topicsMax;
  }

  static async open(source: EventSource, topicsMax: number): Promise<TopicLimit> {
    const topics = await source.topics();
    return new TopicLimit(new Set(topics.map((info) => info.topic)), topicsMax);
  }

  apply(admission: Admission): Admission {
    const fresh = admission.draft?.topics.filter((topic) => !this.#known.has(topic)) ?? [];
    if (this.#known.size + fresh.length <= this.#topicsMax) {
      for (const topic of fresh) this.#known.add(topic);
      return admission;
    }
    return { count: admission.count, draft: undefined, refused: this.#refuseAll(admission) };
  }

  #refuseAll(admission: Admission): RefusedEvent[] {
    const before = new Map(admission.refused.map((event) => [event.index, event]));
    return Array.from({ length: admission.count }, (_, index) => {
      const message = `the log has its most topics already (${this.#topicsMax})`;
      return before.get(index) ?? { index, code: "TOPIC_LIMIT", message };
    });
  }
}
