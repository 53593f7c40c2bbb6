import { createHash } from "node:crypto";
import { eventsOf } from "../../bus/event.js";
import type { EventSource } from "../../bus/index.js";
import { FedbusError } from "../../schemas/errors.js";

/** Ids that are held at most: 2 GiB. */
const idsMax = 2 ** 26;

/**
 * Ids of events, 16 to 32 bytes each: 64 bits of their SHA-1, in a table that is at most half full. Two of a million
 * ids are taken for one with a chance of 1 in 37 million.
 */
export class KnownIds {
  #size = 0;
  #slots = new BigUint64Array(1024);

  /** Ids of everything in the log. */
  static async of(source: EventSource, signal: AbortSignal): Promise<KnownIds> {
    const known = new KnownIds();
    const { first, head } = await source.info();
    for (let from = first; from < head; ) {
      signal.throwIfAborted();
      const page = await source.read({ from, to: head });
      for (const block of page.blocks)
        for (const { envelope, bytes } of eventsOf(block)) known.claim(envelope.msg_id, bytes);
      if (page.done) break;
      from = page.next;
    }
    return known;
  }

  /** Whether the event is there. One without an id is known by its bytes. */
  has(id: string | undefined, bytes: Uint8Array | string): boolean {
    return this.#slots[this.#slotOf(hashOf(id, bytes))] !== 0n;
  }

  /** Whether the event is new; it is not any more. */
  claim(id: string | undefined, bytes: Uint8Array | string): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    return this.#add(hashOf(id, bytes));
  }

  #add(hash: bigint): boolean {
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] === hash) return false;
    this.#slots[slot] = hash;
    this.#size++;
    return true;
  }

  /** Where the hash is, or else would be. */
  #slotOf(hash: bigint): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = Number(hash & 0xffff_ffffn) & mask;
    while (slots[at] !== hash && slots[at] !== 0n) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    if (this.#size >= idsMax)
      throw new FedbusError("INPUT_INVALID", `more than ${idsMax} events to be told apart`);
    const before = this.#slots;
    this.#slots = new BigUint64Array(before.length * 2);
    this.#size = 0;
    for (const hash of before) if (hash !== 0n) this.#add(hash);
  }
}

function hashOf(id: string | undefined, bytes: Uint8Array | string): bigint {
  const digest = createHash("sha1").update(id === undefined ? "\0" : "id\0");
  return (
    digest
      .update(id ?? bytes)
      .digest()
      .readBigUInt64LE() || 1n
  );
}
