import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { currentOwner } from "../../../bus/storage/owner.js";
import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import type { Delivery, Destination } from "../destination.js";
import { deliveryFailed, deliveryRefused, reasonOf } from "../failures.js";
import { Turns } from "../turns.js";
import { CsvFormat } from "./csv.js";
import { checkFileOptions, type FileOptions, fileDefaults } from "./file-options.js";
import { FilePlan } from "./file-plan.js";
import { FileSet } from "./file-set.js";
import { emptyState, type FileState, StateFile } from "./file-state.js";
import { NdjsonFormat } from "./ndjson.js";
import type { RecordFormat } from "./record-format.js";

/**
 * Writes events to numbered files, each exactly once: what is on disk is noted in a side file after
 * each batch, a restart cuts the files back to that, and events that are there already are left out.
 * Throws OPTIONS_INVALID.
 */
export function file(options: FileOptions): Destination {
  checkFileOptions(options);
  return new Files({ ...fileDefaults, ...options });
}

class Files implements Destination {
  readonly #options: FileOptions & typeof fileDefaults;
  readonly #dir: string;
  readonly #files: FileSet;
  readonly #format: RecordFormat;
  readonly #turns: Turns;
  readonly #token = randomUUID();
  #side: StateFile | undefined;
  /** What is on disk; undefined before it was looked at, and after a failure. */
  #state: FileState | undefined;

  constructor(options: FileOptions & typeof fileDefaults) {
    const { format, name, columns, escapeFormulas } = options;
    this.#options = options;
    this.#dir = resolve(options.dir);
    this.#format =
      format === "csv"
        ? new CsvFormat(columns !== undefined, escapeFormulas)
        : new NdjsonFormat(columns);
    this.#files = new FileSet(this.#dir, name, this.#format.extension);
    this.#turns = new Turns(`file ${join(this.#dir, name)}`);
  }

  deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
    return this.#turns.take(signal, async () => {
      try {
        await this.#deliver(batch);
      } catch (error) {
        // After a failed fsync the kernel may say yes to what it has dropped: begin from the disk anew.
        if (this.#state === undefined) await this.#files.close().catch(() => {});
        throw isFedbusError(error) ? error : diskFailure(error);
      }
    });
  }

  close(): Promise<void> {
    return this.#turns.close(async () => {
      await this.#files.close();
      if (this.#state !== undefined) await this.#side?.release(this.#state);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #deliver(batch: readonly Delivery[]): Promise<void> {
    this.#state ??= await this.#recover();
    const { pieces, state } = new FilePlan(batch, this.#state, this.#format, this.#options);
    if (pieces.length === 0) return;
    await this.#side?.checkOwned();
    // None of what follows counts until the side file says so; a failure leaves it to be cut off.
    this.#state = undefined;
    for (const piece of pieces) await this.#files.write(piece);
    await this.#side?.write(state);
    this.#state = state;
  }

  /** Brings the files to what the side file says, which a crash or a failure may have left behind. */
  async #recover(): Promise<FileState> {
    const { name } = this.#options;
    await mkdir(this.#dir, { recursive: true });
    this.#side ??= new StateFile(join(this.#dir, `${name}.state.json`), {
      ...(await currentOwner()),
      token: this.#token,
    });
    const found = await this.#side.read();
    if (found === undefined) await this.#checkNoFiles();
    else await this.#files.cutBack(found.at.file, found.at.bytes);
    const state = this.#withColumns(found ?? emptyState);
    // Before the first file is there: from now on, files without a side file are not ours.
    await this.#side.write(state);
    return state;
  }

  /** A file that has other columns than are wanted now is left as it is, and the next one begins. */
  #withColumns(state: FileState): FileState {
    const { columns } = this.#options;
    if (columns === undefined || JSON.stringify(columns) === JSON.stringify(state.columns))
      return state;
    const { file, bytes } = state.at;
    return { ...state, columns, at: { file: bytes > 0 ? file + 1 : file, bytes: 0 } };
  }

  async #checkNoFiles(): Promise<void> {
    const [number] = await this.#files.numbers();
    if (number === undefined) return;
    const path = this.#files.pathOf(number);
    const missing = `${this.#options.name}.state.json`;
    throw new FedbusError(
      "DESTINATION_DIVERGED",
      `${path} is there, but not ${missing}: put it back, or use another name`,
      { details: { path, missing } },
    );
  }
}

/** Those that a person, or time, can mend while the same files go on. */
const mayPass = new Set([
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "EAGAIN",
  "EBUSY",
  "EROFS",
]);

function diskFailure(error: unknown): FedbusError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const failure = mayPass.has(code) ? deliveryFailed : deliveryRefused;
  return failure(`file: ${reasonOf(error)}`, { code }, error);
}
