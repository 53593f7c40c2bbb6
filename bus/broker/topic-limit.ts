import type { RefusedEvent } from "../block/producer-run.js";
import type { EventSource } from "../log/event-source.js";
import type { Admission } from "./admission.js";

/**
 * Bounds how many distinct topics a log can have, since each costs memory and an index entry. A
 * batch that would go past the bound is refused whole: finding room for a part of it is not worth
 * a second path.
 */
export class TopicLimit {
  #known: Set<string>;
  /** While the log is asked for its topics: those that came meanwhile. */
  #fresh: string[] | undefined;
  readonly #topicsMax: number;

  private constructor(known: Set<string>, topicsMax: number) {
    this.#known = known;
    this.#topicsMax = topicsMax;
  }

  static async open(source: EventSource, topicsMax: number): Promise<TopicLimit> {
    const topics = await source.topics();
    return new TopicLimit(new Set(topics.map((info) => info.topic)), topicsMax);
  }

  /**
   * Counts anew, since topics are gone: trimmed, or never stored. What is being stored just now is
   * not counted until it comes again, so the bound may be passed by that.
   */
  async recount(source: EventSource): Promise<void> {
    if (this.#fresh !== undefined) return;
    this.#fresh = [];
    try {
      const topics = await source.topics();
      this.#known = new Set([...topics.map((info) => info.topic), ...this.#fresh]);
    } finally {
      this.#fresh = undefined;
    }
  }

  apply(admission: Admission): Admission {
    const fresh = admission.draft?.topics.filter((topic) => !this.#known.has(topic)) ?? [];
    if (this.#known.size + fresh.length <= this.#topicsMax) {
      for (const topic of fresh) this.#known.add(topic);
      this.#fresh?.push(...fresh);
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
