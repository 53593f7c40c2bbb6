import { mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Database, NumberedBatch, Operation } from "../../bus/index.js";
import { syncDirectory } from "../../bus/storage/durable-file.js";
import { FedbusError } from "../../schemas/index.js";
import { outboxKey, outboxRange } from "./keys.js";
import { seal, unseal } from "./values.js";

/** Where a batch lies: in the file that begins with sequence `file`. */
interface Reference {
  readonly file: number;
  readonly at: number;
  readonly bytes: number;
}

/** No reference has as many bytes, and no block as few: its header alone takes more. */
const referenceBytesMax = 80;

const fileName = /^(\d+)\.blocks$/;

/**
 * Batches of outputs that lie in files beside a store's database, which takes several times as long for
 * each byte. A commit's are one file, on disk before the database refers to it: so a file without a
 * reference never counted, or does no more, and is removed.
 */
export class OutboxFiles {
  readonly #dir: string;
  readonly #database: Database;
  /** The sequences that the files begin with, ascending. */
  #files: number[] = [];

  private constructor(dir: string, database: Database) {
    this.#dir = dir;
    this.#database = database;
  }

  /** The files in `dir`, which need not exist; those without a reference are removed. */
  static async open(dir: string, database: Database): Promise<OutboxFiles> {
    const files = new OutboxFiles(dir, database);
    const found = (await namesIn(dir)).flatMap((name) => fileName.exec(name)?.[1] ?? []);
    for (const file of found.map(Number).sort((a, b) => a - b))
      if (await files.#isInUse(file)) files.#files.push(file);
      else await files.#remove(file);
    return files;
  }

  /** Writes the batches of a commit, in order; how the database refers to them. */
  async write(batches: readonly NumberedBatch[]): Promise<Operation[]> {
    const { seq: file } = batches[0]!;
    if ((await mkdir(this.#dir, { recursive: true })) !== undefined)
      await syncDirectory(dirname(this.#dir));
    const handle = await open(this.#pathOf(file), "wx");
    try {
      await writeFile(
        handle,
        batches.map(({ block }) => block),
      );
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await syncDirectory(this.#dir);
    this.#files.push(file);
    let at = 0;
    return batches.map(({ seq, block: { length: bytes } }) => {
      const key = outboxKey(seq);
      const value = seal(key, JSON.stringify({ file, at, bytes } satisfies Reference));
      at += bytes;
      return { type: "put", key, value };
    });
  }

  /** The batch that the outbox has under `key`: `value` itself, or what it refers to. Rejects with STATE_CORRUPT. */
  async resolve(key: Buffer, value: Buffer): Promise<Buffer> {
    const reference = referenceIn(key, value);
    return reference === undefined ? value : await this.#read(reference);
  }

  /** Removes the oldest files, up to the first that is referred to. */
  async removeDone(): Promise<void> {
    for (let file = this.#files[0]; file !== undefined; file = this.#files[0]) {
      if (await this.#isInUse(file)) return;
      await this.#remove(file);
      this.#files.shift();
    }
  }

  /** A file holds neighbours: if any of them is left, it is the first entry from the file's sequence on. */
  async #isInUse(file: number): Promise<boolean> {
    const cursor = this.#database.iterator({ gte: outboxKey(file), lt: outboxRange.lt });
    try {
      const [first] = await cursor.nextv(1);
      return first !== undefined && referenceIn(...first)?.file === file;
    } finally {
      await cursor.close();
    }
  }

  async #read({ file, at, bytes }: Reference): Promise<Buffer> {
    const path = this.#pathOf(file);
    const block = Buffer.allocUnsafeSlow(bytes);
    try {
      const handle = await open(path, "r");
      try {
        const { bytesRead } = await handle.read(block, 0, bytes, at);
        if (bytesRead === bytes) return block;
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw lost(path, cause);
    }
    throw lost(path, undefined);
  }

  async #remove(file: number): Promise<void> {
    await rm(this.#pathOf(file), { force: true });
  }

  #pathOf(file: number): string {
    return join(this.#dir, `${file}.blocks`);
  }
}

function referenceIn(key: Buffer, value: Buffer): Reference | undefined {
  if (value.length > referenceBytesMax) return undefined;
  return JSON.parse(unseal(key, value)) as Reference;
}

function lost(path: string, cause: unknown): FedbusError {
  return new FedbusError("STATE_CORRUPT", "a batch of the consumer's outputs cannot be read", {
    details: { path },
    cause,
  });
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch {
    return [];
  }
}
