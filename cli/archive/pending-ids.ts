import type { KnownIds } from "./known-ids.js";

/** What an event is known by: its id, or else its text. */
export interface Identity {
  readonly id: string | undefined;
  readonly text: string;
}

/** Ids of events that are sent and not yet answered: only those that are accepted become known. */
export class PendingIds {
  readonly #known: KnownIds;
  readonly #keys = new Set<string>();
  readonly #sent = new Map<number, Identity>();

  constructor(known: KnownIds) {
    this.#known = known;
  }

  isKnown({ id, text }: Identity): boolean {
    return this.#known.has(id, text);
  }

  /** Whether nobody can say yet if the event is there already. */
  isPending(event: Identity): boolean {
    return this.#keys.has(keyOf(event));
  }

  /** The event of that number is to be sent. */
  add(number: number, event: Identity): void {
    this.#keys.add(keyOf(event));
    this.#sent.set(number, event);
  }

  /** The event of that number is answered. */
  settle(number: number, isAccepted: boolean): void {
    const event = this.#sent.get(number);
    if (event === undefined) return;
    this.#sent.delete(number);
    this.#keys.delete(keyOf(event));
    if (isAccepted) this.#known.claim(event.id, event.text);
  }
}

function keyOf({ id, text }: Identity): string {
  return id === undefined ? `\0${text}` : `id\0${id}`;
}
