// Commits of a consumer's state beside 10,000 and beside 1,000,000 keys, and the memory it takes.
import { join } from "node:path";
import { StateStore } from "../consumers/index.js";
import { StoredTable } from "../consumers/store/stored-table.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";

const options = readOptions();
const report = new Report("state", options);
const counts = options.quick ? { warmUps: 1, rounds: 5 } : { warmUps: 5, rounds: 40 };
const few = 10_000;
const many = options.quick ? 100_000 : 1_000_000;
/** Keys that one commit changes. */
const changed = 1_000;
const cacheBytesMax = 16 * 1024 * 1024;
const memoryMiBMax = 160;

/** A store of so many keys, and a table over it. */
class Filled {
  readonly #store: StateStore;
  readonly #table: StoredTable<object>;
  readonly #keys: number;
  #at = 0;

  private constructor(store: StateStore, keys: number) {
    this.#store = store;
    this.#table = new StoredTable(store, { group: 0, now: () => 0 }, "customers");
    this.#keys = keys;
  }

  static async open(dir: string, keys: number): Promise<Filled> {
    const filled = new Filled(await StateStore.open(dir, { cacheBytesMax }), keys);
    for (let key = 0; key < keys; key += changed) await filled.commit();
    return filled;
  }

  /** Reads and changes keys spread over all of them, then commits; ms of the commit. */
  async commit(): Promise<number> {
    for (let step = 0; step < changed; step++) {
      this.#at = (this.#at + 7_919) % this.#keys;
      const key = `customer-${this.#at}`;
      const { orders } = (this.#table.get(key) as { orders: number } | undefined) ?? { orders: 0 };
      this.#table.put(key, { orders: orders + 1, name: key, city: "Utrecht", total: orders * 3.5 });
    }
    const start = performance.now();
    await this.#store.commit([], { checkpoint: this.#at });
    return performance.now() - start;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

await withFolder(options, async (folder) => {
  const small = await Filled.open(join(folder, "few"), few);
  const before = process.memoryUsage.rss();
  const large = await Filled.open(join(folder, "many"), many);
  const measured = await interleave(
    [
      { name: "few", round: () => small.commit() },
      { name: "many", round: () => large.commit() },
    ],
    counts,
  );
  const after = process.memoryUsage.rss();
  await small.close();
  await large.close();
  const little = measured.get("few")!;
  const much = measured.get("many")!;
  report.series(`${changed} changes beside ${few} keys`, "ms", little);
  report.series(`${changed} changes beside ${many} keys`, "ms", much);
  const ratio = ratios(much, little);
  report.ratio("of a commit's time", ratio);
  report.target("ratio of a commit's time", ratio.median, { atMost: 1.5 });
  const grownMiB = (after - before) / 2 ** 20;
  report.series("memory for the larger store", "MiB", [grownMiB]);
  report.target(`MiB with a cache of ${cacheBytesMax / 2 ** 20} MiB`, grownMiB, {
    atMost: memoryMiBMax,
  });
});
report.finish();
