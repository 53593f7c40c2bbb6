import type { Writable } from "node:stream";

interface Sized {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Standard output or standard error: writes wait for a slow reader and end quietly when it leaves. */
export class Output {
  readonly #stream: Writable & Sized;
  #closed = false;

  /** `onClosed` is called once when the reader has gone, as in `fedbus tail | head`. */
  constructor(stream: Writable & Sized, onClosed: () => void) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#closed) return;
      this.#closed = true;
      if (error.code === "EPIPE") onClosed();
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
    if (this.#closed || data.length === 0) return;
    if (this.#stream.write(data)) return;
    await this.#settled("drain");
  }

  line(text: string): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** Resolves when everything was handed to the system. */
  async flush(): Promise<void> {
    if (this.#closed || this.#stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.#stream.write("", () => resolve());
    });
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
