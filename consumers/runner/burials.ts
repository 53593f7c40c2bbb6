import type { BusEvent } from "../../bus/index.js";
import { keyGroups } from "../store/key-group.js";
import { buriedTable, entryPrefix } from "../store/keys.js";
import type { StateStore } from "../store/state-store.js";
import { RedeliveredEvent } from "./redelivery.js";
import type { Partition } from "./runner-parts.js";

/**
 * Which events this state has given up. A retry of one is handled only while it is among them: a
 * replay with mended code has handled the original already, one with the old code has buried it
 * again. Changes are written with the next commit, so with the dead letter itself.
 */
export class Burials {
  readonly #store: StateStore;
  /** The key groups of this process. */
  readonly #groups: readonly number[];

  constructor(store: StateStore, { index, count }: Partition) {
    this.#store = store;
    this.#groups = Array.from({ length: keyGroups }, (_, group) => group).filter(
      (group) => group % count === index,
    );
  }

  /** Whether the event is to be handled: if it is a retry, its original lies buried here. */
  admits(event: BusEvent): boolean {
    if (!(event instanceof RedeliveredEvent)) return true;
    // In any group: mended code may tell the key otherwise than the code that failed.
    return this.#groups.some((group) => {
      const { value } = this.#store.peek(idOf(group, event.originalOffset));
      return value !== undefined;
    });
  }

  /** Notes an event that is given up, with the group of its key. */
  bury({ offset }: BusEvent, group: number): void {
    this.#store.change(idOf(group, offset), 1, 0);
  }

  /**
   * The same for one whose key cannot be told: in all groups, by all processes, since mended code may
   * find it to be in any.
   */
  buryKeyless(event: BusEvent): void {
    for (const group of this.#groups) this.bury(event, group);
  }

  /** What a retry was for is no longer buried, once the retry is handled or buried itself. */
  passed(event: BusEvent): void {
    if (!(event instanceof RedeliveredEvent)) return;
    for (const group of this.#groups) {
      const id = idOf(group, event.originalOffset);
      if (this.#store.peek(id).value !== undefined) this.#store.change(id, undefined, 0);
    }
  }
}

function idOf(group: number, offset: number): string {
  return entryPrefix(group, buriedTable) + offset;
}
