import { RecentCache } from "../../schemas/recent-cache.js";
import { eventsOf } from "../event.js";
import type { EventSource } from "../log/event-source.js";
import { primingBytesMax, rememberedIdsMax } from "./limits.js";

/** The `msg_id`s of the last events: what comes a second time, by another way or round a loop, is known. */
export class RecentIds {
  readonly #ids: RecentCache<true>;
  /** Ids that were taken back. */
  readonly #released = new Set<string>();

  constructor(idsMax: number = rememberedIdsMax) {
    // It keeps two generations, of which one may be all but empty.
    this.#ids = new RecentCache(idsMax * 2);
  }

  /** Whether the id is new; it is not any more. */
  claim(id: string): boolean {
    const isNew = this.#ids.get(id) === undefined || this.#released.delete(id);
    this.#ids.set(id, true);
    return isNew;
  }

  /** Its event was not stored: another try may be. */
  release(id: string): void {
    if (this.#released.size < rememberedIdsMax) this.#released.add(id);
  }

  /** Takes in the ids at the log's end. */
  async prime(log: EventSource): Promise<void> {
    const { first, head } = await log.info();
    let to = head;
    for (let left = primingBytesMax; to > first && left > 0; ) {
      const page = await log.read({ from: first, to, order: "desc" });
      for (const block of page.blocks) {
        for (const { envelope } of eventsOf(block))
          if (typeof envelope.msg_id === "string") this.claim(envelope.msg_id);
        left -= block.bytes.length;
      }
      if (page.done) return;
      to = page.next;
    }
  }
}
