import { readFile, stat } from "node:fs/promises";
import { writeDurably } from "../../../bus/storage/durable-file.js";
import { isAlive, type Owner } from "../../../bus/storage/owner.js";
import { FedbusError } from "../../../schemas/errors.js";
import type { Columns } from "./record-format.js";
import type { Position } from "./rotation.js";

/** A process, and the one of its destinations that writes. */
export type Writer = Owner & { readonly token: string };

/** What is known to be on disk. It stands in `NAME.state.json`, beside the files. */
export interface FileState {
  readonly format: 1;
  /** Events below this offset are in the files. */
  readonly next: number;
  readonly at: Position;
  /** Whose offsets these are; absent before the first event. */
  readonly stream?: string;
  /** Of the file being written. */
  readonly columns?: Columns;
  /** Who writes; absent after a clean close. */
  readonly writer?: Writer;
}

export const emptyState: FileState = { format: 1, next: 0, at: { file: 1, bytes: 0 } };

/** The side file, as the one that writes it. */
export class StateFile {
  readonly #path: string;
  readonly #writer: Writer;
  /** What the file system said of our own last write. */
  #mark: string | undefined;

  constructor(path: string, writer: Writer) {
    this.#path = path;
    this.#writer = writer;
  }

  /** Undefined if there is none. Rejects with DESTINATION_IN_USE, or DESTINATION_DIVERGED if damaged. */
  async read(): Promise<FileState | undefined> {
    const text = await readFile(this.#path, "utf8").catch(absent);
    if (text === undefined) return undefined;
    const state = parse(text, this.#path);
    const { writer } = state;
    if (writer !== undefined && writer.token !== this.#writer.token && (await isAlive(writer)))
      throw inUse(this.#path, writer.pid);
    return state;
  }

  /** Durably replaces the state, and takes or keeps the files. */
  async write(state: FileState): Promise<void> {
    await writeDurably(this.#path, textOf({ ...state, writer: this.#writer }));
    this.#mark = await this.#markNow();
  }

  /** Rejects with DESTINATION_IN_USE if another has taken the files since the last write. */
  async checkOwned(): Promise<void> {
    if ((await this.#markNow()) !== this.#mark) throw inUse(this.#path);
  }

  /** Leaves the files to whoever comes next. */
  async release(state: FileState): Promise<void> {
    const { writer: _, ...left } = state;
    if ((await this.#markNow()) === this.#mark) await writeDurably(this.#path, textOf(left));
  }

  async #markNow(): Promise<string | undefined> {
    const found = await stat(this.#path, { bigint: true }).catch(absent);
    return found && `${found.ino}:${found.mtimeNs}:${found.size}`;
  }
}

function textOf(state: FileState): string {
  return `${JSON.stringify(state)}\n`;
}

function parse(text: string, path: string): FileState {
  let state: Partial<FileState> | null;
  try {
    state = JSON.parse(text) as Partial<FileState> | null;
  } catch {
    state = null;
  }
  const numbers = [state?.next, state?.at?.file, state?.at?.bytes];
  if (state?.format === 1 && numbers.every(Number.isSafeInteger)) return state as FileState;
  throw new FedbusError("DESTINATION_DIVERGED", `${path} is damaged, or of a newer fedbus`, {
    details: { path },
  });
}

function inUse(path: string, pid?: number): FedbusError {
  return new FedbusError("DESTINATION_IN_USE", `another one writes the files of ${path}`, {
    details: { path, ...(pid !== undefined && { pid }) },
  });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
