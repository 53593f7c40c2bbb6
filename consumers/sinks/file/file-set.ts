import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../../../bus/storage/durable-file.js";
import { FedbusError } from "../../../schemas/errors.js";
import type { Piece } from "./file-plan.js";

/** The numbered files of one name in a folder. */
export class FileSet {
  readonly #dir: string;
  readonly #start: string;
  readonly #end: string;
  #open: { readonly file: number; readonly handle: FileHandle } | undefined;

  constructor(dir: string, name: string, extension: string) {
    this.#dir = dir;
    this.#start = `${name}-`;
    this.#end = `.${extension}`;
  }

  pathOf(file: number): string {
    return join(this.#dir, `${this.#start}${String(file).padStart(8, "0")}${this.#end}`);
  }

  /** The numbers of the files there are, lowest first. */
  async numbers(): Promise<number[]> {
    const names = await readdir(this.#dir);
    return names
      .filter((name) => name.startsWith(this.#start) && name.endsWith(this.#end))
      .map((name) => name.slice(this.#start.length, -this.#end.length))
      .filter((digits) => /^\d{8,15}$/.test(digits))
      .map(Number)
      .sort((a, b) => a - b);
  }

  /**
   * Takes away what was written after the position, and was not known to be durable. Rejects with
   * DESTINATION_DIVERGED if less is there than was.
   */
  async cutBack(file: number, bytes: number): Promise<void> {
    for (const number of await this.numbers())
      if (number > file || (number === file && bytes === 0)) await rm(this.pathOf(number));
    if (bytes > 0) await truncate(this.pathOf(file), bytes);
    await syncDirectory(this.#dir);
  }

  /** Writes the piece and makes it durable; a new file's name too. */
  async write({ file, from, lines }: Piece): Promise<void> {
    const handle = await this.#handleOf(file, from === 0);
    const bytes = Buffer.from(lines.join(""));
    for (let done = 0; done < bytes.length; ) {
      const rest = bytes.length - done;
      done += (await handle.write(bytes, done, rest, from + done)).bytesWritten;
    }
    await handle.datasync();
    if (from === 0) await syncDirectory(this.#dir);
  }

  async close(): Promise<void> {
    const handle = this.#open?.handle;
    this.#open = undefined;
    await handle?.close();
  }

  async #handleOf(file: number, create: boolean): Promise<FileHandle> {
    if (this.#open?.file !== file) {
      await this.close();
      this.#open = { file, handle: await open(this.pathOf(file), create ? "wx" : "r+") };
    }
    return this.#open.handle;
  }
}

async function truncate(path: string, bytes: number): Promise<void> {
  const size = await stat(path).then((found) => found.size, noneThere);
  if (size === bytes) return;
  if (size < bytes)
    throw new FedbusError(
      "DESTINATION_DIVERGED",
      `${path} has ${size} bytes where ${bytes} were written: put it back, or use another name`,
      { details: { path, size, bytes } },
    );
  const handle = await open(path, "r+");
  try {
    await handle.truncate(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function noneThere(error: NodeJS.ErrnoException): number {
  if (error.code === "ENOENT") return 0;
  throw error;
}
