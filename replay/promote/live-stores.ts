import type { Bus } from "../../bus/index.js";
import { type Current, type NamedHome, StateStore } from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { isFedbusError } from "../../schemas/index.js";
import { drainOutbox } from "./drain.js";
import { type Promoted, readPromoted } from "./new-generation.js";

/** What says that a store is no good any more: damaged, or older or newer than the log. */
const lostCodes = [
  ...(["STATE_CORRUPT", "LOG_DIVERGED"] as const),
  ...(["BLOCK_CORRUPT", "BLOCK_INVALID", "BLOCK_VERSION"] as const),
];

/**
 * The stores of the generation that counts, held open so that nobody else can run the consumer
 * meanwhile, not even a program that runs it without a supervisor.
 *
 * One that is damaged, or not of the log as it is now, is passed over: a promotion is the way back from
 * that, and what such a store had not published yet is among what the replay adds.
 */
export class LiveStores implements AsyncDisposable {
  readonly current: Current | undefined;
  readonly #consumer: NamedHome;
  /** By partition. */
  readonly #stores: ReadonlyMap<number, StateStore>;
  readonly #lost = new Set<number>();

  private constructor(
    consumer: NamedHome,
    current: Current | undefined,
    stores: ReadonlyMap<number, StateStore>,
  ) {
    this.#consumer = consumer;
    this.current = current;
    this.#stores = stores;
  }

  /** There may be none. Rejects with STATE_IN_USE. */
  static async open(consumer: NamedHome): Promise<LiveStores> {
    const { home } = consumer;
    const current = await home.current();
    const stores = new Map<number, StateStore>();
    const live = new LiveStores(consumer, current, stores);
    try {
      for (let partition = 0; partition < (current?.parallelism ?? 0); partition++)
        await live.#unlessLost(partition, async () => {
          const store = await StateStore.open(home.storeDir(current!, partition));
          stores.set(partition, store);
          await readCheckpoint(store);
          await readPromoted(store);
        });
      return live;
    } catch (error) {
      await live[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Publishes what they have committed and not yet published. */
  async settle(bus: Bus, options: { readonly signal?: AbortSignal }): Promise<void> {
    const { name, home } = this.#consumer;
    for (const [partition, store] of this.#usable())
      await this.#unlessLost(partition, async () => {
        const producer = home.producer(name, this.current!, partition);
        await drainOutbox(store, { bus, name, producer, ...options });
      });
  }

  /** The next offset of the process that has come furthest; 0 if none ever began. */
  async next(): Promise<number> {
    let next = 0;
    for (const [, store] of this.#usable()) {
      const checkpoint = await readCheckpoint(store);
      next = Math.max(next, checkpoint?.next ?? 0);
    }
    return next;
  }

  /** Which replay this generation is, if it is one. */
  async promoted(): Promise<Promoted | undefined> {
    const [first] = this.#usable();
    return first === undefined ? undefined : await readPromoted(first[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores.values()) await store.close();
  }

  #usable(): (readonly [partition: number, store: StateStore])[] {
    return [...this.#stores].filter(([partition]) => !this.#lost.has(partition));
  }

  async #unlessLost(partition: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!lostCodes.some((code) => isFedbusError(error, code))) throw error;
      this.#lost.add(partition);
    }
  }
}
