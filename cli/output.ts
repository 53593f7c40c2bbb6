import type { Writable } from "node:stream";
import { jsonLine } from "./render/escape.js";

interface Sized {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface OutputOptions {
  /** Called once when the reader has gone, as in `fedbus tail | head`. */
  readonly onReaderLeft?: () => void;
  /** What cannot be written is no failure: for standard error, where nothing could be told of it. */
  readonly lossy?: boolean;
}

/**
 * Standard output or standard error: writes wait for a slow reader and end quietly when it leaves.
 * Any other failure, such as a full disk, rejects what is written from then on, and `flush`.
 */
export class Output {
  readonly #stream: Writable & Sized;
  #closed = false;
  #failure: Error | undefined;

  constructor(stream: Writable & Sized, options: OutputOptions = {}) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#closed) return;
      this.#closed = true;
      if (error.code === "EPIPE") options.onReaderLeft?.();
      else if (options.lossy !== true) this.#failure = error;
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Characters in a line of the terminal. */
  get columns(): number {
    // Some terminals do not know: 0.
    return this.#stream.columns || 80;
  }

  /** Resolves when there is room for more. */
  async write(data: string | Uint8Array): Promise<void> {
    this.#throwFailure();
    if (this.#closed || data.length === 0) return;
    if (this.#stream.write(data)) return;
    await this.#settled("drain");
    this.#throwFailure();
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** A value as one line of JSON that is safe on a terminal too. */
  json(value: unknown): Promise<void> {
    return this.write(jsonLine(value));
  }

  /** Resolves when everything was handed to the system. */
  async flush(): Promise<void> {
    if (!this.#closed && this.#stream.writableLength > 0)
      await new Promise<void>((resolve) => {
        this.#stream.write("", () => resolve());
      });
    // A failed write is told by an event that comes after the write has returned.
    await new Promise((resolve) => setImmediate(resolve));
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #settled(event: "drain"): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off(event, done).off("error", done).off("close", done);
        resolve();
      };
      this.#stream.on(event, done).on("error", done).on("close", done);
    });
  }
}
