import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../bus/index.js";
import { damaged, storedObject } from "./stored-json.js";

/** Which of a consumer's states counts. */
export interface Current {
  /** The directory `generations/<generation>` holds it. */
  readonly generation: number;
  /** How many stores it has: one for each process. */
  readonly parallelism: number;
}

const fileName = "current.json";
const format = 1;

/**
 * A consumer's directory: `current.json`, which names the generation that counts, and
 * `generations/<n>/<partition>/`, a store each. Whatever replaces a whole state (a promoted replay,
 * another number of processes) builds a new generation beside it, and then changes that one file.
 */
export class ConsumerHome {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The directory of a consumer called `name`, in a log's directory. */
  static of(logDir: string, name: string): ConsumerHome {
    return new ConsumerHome(join(logDir, "consumers", name));
  }

  /** Undefined if the consumer has never run. Rejects with STATE_CORRUPT. */
  async current(): Promise<Current | undefined> {
    const path = join(this.dir, fileName);
    const stored = await storedObject(path);
    if (stored === undefined) return undefined;
    const { generation, parallelism } = stored;
    const isWhole = [generation, parallelism].every((count) => Number.isSafeInteger(count));
    if (!isWhole || stored.format !== format) throw damaged(path);
    return { generation: generation as number, parallelism: parallelism as number };
  }

  /** Durably makes another generation the one that counts. */
  async switchTo(current: Current): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    await writeDurably(join(this.dir, fileName), `${JSON.stringify({ format, ...current })}\n`);
  }

  /** Where the store of one process lies. */
  storeDir({ generation }: Current, partition: number): string {
    return join(this.dir, "generations", String(generation), String(partition));
  }

  /** The name that the outputs of one process go by: another for each generation, so that each
   * can number its own from 0. */
  producer(consumer: string, { generation }: Current, partition: number): string {
    return `consumer.${consumer}.${generation}.${partition}`;
  }

  /** Where that process notes what it may die of. */
  inFlightPath({ generation }: Current, partition: number): string {
    return join(this.dir, "generations", String(generation), `${partition}.in-flight`);
  }
}
