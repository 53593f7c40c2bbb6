import type { Bus } from "../../bus/index.js";
import { type Current, type NamedHome, StateStore } from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { drainOutbox } from "./drain.js";
import { type Promoted, readPromoted } from "./new-generation.js";

/**
 * The stores of the generation that counts, held open so that nobody else can run the consumer
 * meanwhile, not even a program that runs it without a supervisor.
 */
export class LiveStores implements AsyncDisposable {
  readonly current: Current | undefined;
  readonly #consumer: NamedHome;
  readonly #stores: readonly StateStore[];

  private constructor(
    consumer: NamedHome,
    current: Current | undefined,
    stores: readonly StateStore[],
  ) {
    this.#consumer = consumer;
    this.current = current;
    this.#stores = stores;
  }

  /** There may be none. Rejects with STATE_IN_USE or STATE_CORRUPT. */
  static async open(consumer: NamedHome): Promise<LiveStores> {
    const { home } = consumer;
    const current = await home.current();
    const stores: StateStore[] = [];
    try {
      for (let partition = 0; partition < (current?.parallelism ?? 0); partition++)
        stores.push(await StateStore.open(home.storeDir(current!, partition)));
    } catch (error) {
      for (const store of stores) await store.close();
      throw error;
    }
    return new LiveStores(consumer, current, stores);
  }

  /** Publishes what they have committed and not yet published. */
  async settle(bus: Bus, options: { readonly signal?: AbortSignal }): Promise<void> {
    const { name, home } = this.#consumer;
    for (const [partition, store] of this.#stores.entries()) {
      const producer = home.producer(name, this.current!, partition);
      await drainOutbox(store, { bus, name, producer, ...options });
    }
  }

  /** The next offset of the process that has come furthest; 0 if none ever began. */
  async next(): Promise<number> {
    let next = 0;
    for (const store of this.#stores) {
      const checkpoint = await readCheckpoint(store);
      next = Math.max(next, checkpoint?.next ?? 0);
    }
    return next;
  }

  /** Which replay this generation is, if it is one. */
  async promoted(): Promise<Promoted | undefined> {
    const [store] = this.#stores;
    return store === undefined ? undefined : await readPromoted(store);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.close();
  }
}
