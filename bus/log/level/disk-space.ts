import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../../schemas/errors.js";

const checkIntervalMs = 250;
const checkBytes = 16 * 1024 * 1024;

export interface DiskSpaceOptions {
  readonly freeBytesMin: number;
  readonly ballastBytes: number;
}

/**
 * Keeps a log away from a full disk: a watermark that appends stop at, and a ballast file that can
 * be deleted when even opening finds no space, since LevelDB needs some to replay its last writes.
 */
export class DiskSpace {
  readonly #dir: string;
  readonly #options: DiskSpaceOptions;
  #freeBytes = Number.POSITIVE_INFINITY;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #writtenSince = 0;
  #making: Promise<unknown> = Promise.resolve();

  constructor(dir: string, options: DiskSpaceOptions) {
    this.#dir = dir;
    this.#options = options;
  }

  /** Rejects with LOG_DISK_LOW below the watermark. Asks the system at most every 250 ms. */
  async check(bytes: number): Promise<void> {
    const { freeBytesMin } = this.#options;
    const now = performance.now();
    const stale = now - this.#checkedAt >= checkIntervalMs || this.#writtenSince >= checkBytes;
    if (stale) {
      this.#freeBytes = await this.#measure();
      this.#checkedAt = now;
      this.#writtenSince = 0;
    }
    const freeBytes = this.#freeBytes - this.#writtenSince - bytes;
    if (freeBytesMin > 0 && freeBytes < freeBytesMin)
      throw new FedbusError("LOG_DISK_LOW", `less than ${freeBytesMin} bytes are free`, {
        details: { freeBytes: this.#freeBytes, freeBytesMin },
      });
    this.#writtenSince += bytes;
  }

  /** Deletes the ballast; whether there was any. */
  async dropBallast(): Promise<boolean> {
    const path = this.#ballastPath;
    const had = await stat(path).then(
      () => true,
      () => false,
    );
    await rm(path, { force: true });
    return had;
  }

  /** Starts making the ballast again, if there is room for it. */
  ensureBallast(): void {
    this.#making = this.#making.then(() => this.#makeBallast()).catch(() => {});
  }

  /** Resolves when the ballast is made, or could not be. */
  async settled(): Promise<void> {
    await this.#making;
  }

  async #makeBallast(): Promise<void> {
    const { ballastBytes, freeBytesMin } = this.#options;
    if (ballastBytes === 0) return;
    const size = await stat(this.#ballastPath).then(
      (found) => found.size,
      () => 0,
    );
    if (size >= ballastBytes || (await this.#measure()) < freeBytesMin + 2 * ballastBytes) return;
    await this.#fill(ballastBytes).catch(() => this.dropBallast());
  }

  /** Written, not just sized: a file with holes would give nothing back. */
  async #fill(bytes: number): Promise<void> {
    const file = await open(this.#ballastPath, "w");
    try {
      const chunk = Buffer.alloc(1024 * 1024, "fedbus ballast, free to delete\n");
      for (let at = 0; at < bytes; at += chunk.length)
        await file.write(chunk, 0, Math.min(chunk.length, bytes - at));
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #measure(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    return bavail * bsize;
  }

  get #ballastPath(): string {
    return join(this.#dir, "ballast");
  }
}
