import { statSync } from "node:fs";
import { link, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { syncDirectory, writeDurably } from "../../storage/durable-file.js";
import type { Owner } from "../../storage/owner.js";
import type { Horizon } from "../horizons.js";

/** The format that this code writes, and the newest that it reads. */
export const logFormat = 1;

/** Offsets that were acknowledged and are gone, as a person has accepted. */
export interface LostRange {
  readonly from: number;
  readonly to: number;
  /** Chain hash of the last lost block, in hex, where a witness still knew it. */
  readonly hash?: string;
}

/** `log.json`: what says that a log is here, and whose it is. */
export interface LogFileState {
  readonly format: number;
  readonly logId: string;
  /** Raised at every open and never reused, not even by a restored backup. */
  readonly epoch: number;
  /** When the log was made, ISO 8601. */
  readonly created: string;
  /** The log is being made and cannot hold an event yet: only then may databases be created. */
  readonly creating?: boolean;
  /** Who has it open; absent after a clean close. */
  readonly owner?: Owner | undefined;
  /** Times in a row that whoever had it open ended without closing it, soon after opening it. */
  readonly crashes?: number | undefined;
  /** The first offset left by retention, and hash (hex) and epoch of the block before it. */
  readonly base: { readonly first: number; readonly hash: string; readonly epoch: number };
  readonly horizons: readonly Horizon[];
  readonly lost: readonly LostRange[];
}

/** The `log.json` of a directory, as its present owner. */
export class LogFile {
  readonly #path: string;
  #state: LogFileState;
  /** What the file system said of our own last write: unchanged means nobody else wrote. */
  #mark: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(dir: string, state: LogFileState) {
    this.#path = join(dir, "log.json");
    this.#state = state;
  }

  get state(): LogFileState {
    return this.#state;
  }

  /** The file's content; undefined if there is none. Throws LOG_FORMAT_NEWER or LOG_CORRUPT. */
  static async read(dir: string): Promise<LogFileState | undefined> {
    const text = await readFile(join(dir, "log.json"), "utf8").catch(absent);
    return text === undefined ? undefined : parse(text);
  }

  /** Durably changes the file. */
  update(changes: Partial<LogFileState>): Promise<void> {
    const writing = this.#writing.then(() => this.#write(changes));
    this.#writing = writing.catch(() => {});
    return writing;
  }

  /**
   * Rejects with LOG_FENCED if another owner has written the file since.
   *
   * This is for the case that both LevelDB's lock and the entry of our process were got around,
   * for example by deleting LOCK. It runs beside every fsync, so it costs one `stat`.
   */
  async checkOwned(): Promise<void> {
    const mark = markOf(this.#path);
    if (mark === this.#mark || mark === undefined) return;
    await this.#writing;
    const found = await readFile(this.#path, "utf8").catch(absent);
    const { logId, epoch } = this.#state;
    if (found === undefined) throw new FedbusError("LOG_FENCED", "the log's directory is gone");
    const other = parse(found);
    if (other.epoch === epoch && other.logId === logId) return;
    throw new FedbusError("LOG_FENCED", "another owner took the log over", {
      details: { epoch, newer: other.epoch },
    });
  }

  /** Gives the log up, unless another owner has it already. */
  async release(): Promise<void> {
    try {
      await this.checkOwned();
    } catch (error) {
      if (isFedbusError(error, "LOG_FENCED")) return;
      throw error;
    }
    await this.update({ owner: undefined, crashes: undefined });
  }

  async #write(changes: Partial<LogFileState>): Promise<void> {
    const state = { ...this.#state, ...changes };
    await writeDurably(this.#path, `${JSON.stringify(state, undefined, 2)}\n`);
    this.#state = state;
    this.#mark = markOf(this.#path);
  }
}

/**
 * Undefined if the file system would not say. Asked at once: it takes some microseconds, and a way
 * through a thread ten times that.
 */
function markOf(path: string): string | undefined {
  try {
    const { ino, mtimeNs, size } = statSync(path, { bigint: true });
    return `${ino}:${mtimeNs}:${size}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "gone" : undefined;
  }
}

function parse(text: string): LogFileState {
  let state: Partial<LogFileState>;
  try {
    state = JSON.parse(text) as Partial<LogFileState>;
  } catch (cause) {
    throw new FedbusError("LOG_CORRUPT", "log.json is damaged; run `fedbus log repair`", { cause });
  }
  if (typeof state.format === "number" && state.format > logFormat)
    throw new FedbusError("LOG_FORMAT_NEWER", `the log's format is ${state.format}`, {
      details: { format: state.format, known: logFormat },
    });
  if (state.format !== logFormat || !state.logId || !state.epoch || state.base === undefined)
    throw new FedbusError("LOG_CORRUPT", "log.json lacks fields; run `fedbus log repair`");
  return { horizons: [], lost: [], ...state } as LogFileState;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

/** Makes the file, unless another process has made one first: then that one stands. */
export async function createLogFile(dir: string, state: LogFileState): Promise<void> {
  const temporary = join(dir, `log.json.${process.pid}.new`);
  await writeDurably(temporary, `${JSON.stringify(state, undefined, 2)}\n`);
  try {
    await link(temporary, join(dir, "log.json"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dir);
}
