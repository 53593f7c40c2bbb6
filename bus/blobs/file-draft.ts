import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { isDiskFull } from "../storage/database.js";
import { syncDirectory } from "../storage/durable-file.js";
import { blobCorrupt } from "./blob-checks.js";
import type { BlobDraft } from "./blob-store.js";

const ending = ".part";

/** Whether a file of that name is a draft: of a process that has ended, once another opens the folder. */
export function leftoverOf(name: string): boolean {
  return name.endsWith(ending);
}

/** A blob on its way into a folder: a file beside the others until it is whole. */
export class FileDraft implements BlobDraft {
  readonly #dir: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #onEnd: () => void;
  readonly #hash = createHash("sha256");
  /** What is under way: calls take their turn, also that of `discard`. */
  #turn: Promise<unknown> = Promise.resolve();
  #isOpen = true;
  #isKept = false;

  private constructor(dir: string, path: string, file: FileHandle, onEnd: () => void) {
    this.#dir = dir;
    this.#path = path;
    this.#file = file;
    this.#onEnd = onEnd;
  }

  static async create(dir: string, onEnd: () => void): Promise<FileDraft> {
    const path = join(dir, `${randomUUID()}${ending}`);
    return await writing(async () => new FileDraft(dir, path, await open(path, "wx"), onEnd));
  }

  append(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#hash.update(chunk);
      await this.#file.appendFile(chunk);
    });
  }

  finish(sha256: string): Promise<void> {
    return this.#inTurn(async () => {
      const found = this.#hash.digest("hex");
      if (found !== sha256) throw blobCorrupt(sha256, { found });
      await this.#file.sync();
      await this.#close();
      await rename(this.#path, join(this.#dir, sha256));
      this.#isKept = true;
      await syncDirectory(this.#dir);
    });
  }

  async discard(): Promise<void> {
    await this.#turn;
    if (this.#isOpen) await this.#close();
    if (!this.#isKept) await rm(this.#path, { force: true });
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    this.#onEnd();
    await this.#file.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(async () => {
      if (!this.#isOpen) throw new FedbusError("CLOSED", "the blob's draft has ended");
      await writing(work);
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** Runs `work`; what the disk says against it becomes LOG_DISK_LOW or LOG_WRITE_FAILED. */
async function writing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (isFedbusError(cause)) throw cause;
    if (isDiskFull(cause))
      throw new FedbusError("LOG_DISK_LOW", "the disk is too full for the blob", { cause });
    throw new FedbusError("LOG_WRITE_FAILED", "the blob was not kept", { cause });
  }
}
