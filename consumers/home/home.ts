import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../bus/index.js";
import { isLineage, type Lineage } from "./lineage.js";
import { producerOf } from "./producer-name.js";
import { isRegistration, type Registration } from "./registration.js";
import { damaged, storedObject } from "./stored-json.js";

/** Which of a consumer's states counts, and what runs on it. */
export interface Current {
  /** The directory `generations/<generation>` holds it. */
  readonly generation: number;
  /** How many stores it has: one for each process. */
  readonly parallelism: number;
  /** Whose outputs are its own. Default: those of all generations. */
  readonly lineage?: Lineage;
  /** What was last run; absent for a consumer that no supervisor has ever run. */
  readonly registration?: Registration;
}

const fileName = "current.json";
const format = 1;

/**
 * A consumer's directory: `current.json`, which says which generation counts and what runs on it, and
 * `generations/<n>/<partition>/`, a store each. Whatever replaces a whole state (a promoted replay,
 * another number of processes) builds a new generation beside it, and then changes that one file:
 * so a state never meets the code of another.
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
    const { format: written, ...current } = stored;
    if (written !== format || !isCurrent(current)) throw damaged(path);
    return current;
  }

  /** What was last run; undefined if no supervisor ever ran it. Rejects with STATE_CORRUPT. */
  async registration(): Promise<Registration | undefined> {
    return (await this.current())?.registration;
  }

  /** Notes what runs. Whoever does it must have taken the consumer. */
  async register(registration: Registration): Promise<void> {
    const current = (await this.current()) ?? { generation: 1, parallelism: 1 };
    await this.switchTo({ ...current, registration });
  }

  /** Durably makes another generation the one that counts, or changes what runs on it. */
  async switchTo(current: Current): Promise<void> {
    await mkdir(this.dir, { recursive: true });
    const text = `${JSON.stringify({ format, ...current }, undefined, 2)}\n`;
    const path = join(this.dir, fileName);
    // Processes that begin at once must not write into one file.
    await writeDurably(path, text, { temporary: `${path}.${randomUUID()}.tmp` });
  }

  /** Where the store of one process lies. */
  storeDir({ generation }: Current, partition: number): string {
    return join(this.dir, "generations", String(generation), String(partition));
  }

  /** The name that the outputs of one process go by. */
  producer(consumer: string, { generation }: Current, partition: number): string {
    return producerOf(consumer, generation, partition);
  }

  /** Where that process notes what it may die of. */
  inFlightPath({ generation }: Current, partition: number): string {
    return join(this.dir, "generations", String(generation), `${partition}.in-flight`);
  }
}

function isCurrent(stored: Record<string, unknown>): stored is Record<string, unknown> & Current {
  const { generation, parallelism, lineage, registration } = stored;
  return (
    [generation, parallelism].every((count) => Number.isSafeInteger(count)) &&
    (lineage === undefined || isLineage(lineage)) &&
    (registration === undefined || isRegistration(registration))
  );
}
