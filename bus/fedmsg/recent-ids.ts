import { createHash } from "node:crypto";
import { RecentCache } from "../../schemas/recent-cache.js";
import { eventsOf } from "../event.js";
import type { EventSource } from "../log/event-source.js";
import { primingBytesMax, rememberedIdsMax } from "./limits.js";

/**
 * The `msg_id`s of the last events of the log: what comes a second time, by another way or round a loop, is known.
 * Only ids of stored events belong here: anybody can send any id, and only the gate tells who meant it.
 */
export class RecentIds {
  readonly #digests: RecentCache<true>;

  constructor(idsMax: number = rememberedIdsMax) {
    // It keeps two generations, of which one may be all but empty.
    this.#digests = new RecentCache(idsMax * 2);
  }

  has(id: string): boolean {
    return this.#digests.get(digestOf(id)) !== undefined;
  }

  add(id: string): void {
    this.#digests.set(digestOf(id), true);
  }

  /** Takes in the ids at the log's end. */
  async prime(log: EventSource): Promise<void> {
    const { first, head } = await log.info();
    let to = head;
    for (let left = primingBytesMax; to > first && left > 0; ) {
      const page = await log.read({ from: first, to, order: "desc" });
      for (const block of page.blocks) {
        for (const { envelope } of eventsOf(block))
          if (typeof envelope.msg_id === "string") this.add(envelope.msg_id);
        left -= block.bytes.length;
      }
      if (page.done) return;
      to = page.next;
    }
  }
}

/** An id may be as long as a frame; its digest is what is kept. */
function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("base64");
}
