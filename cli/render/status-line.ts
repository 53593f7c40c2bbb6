import type { Output } from "../output.js";

const clearLine = "\r\u001b[2K";
/** How often the status is told where there is no line to redraw. */
const plainPeriodMs = 10_000;

/**
 * A line that stays below what scrolls by on a terminal; elsewhere, a line
 * every ten seconds if there is something new to say.
 */
export class StatusLine {
  readonly #err: Output;
  readonly #paint: (text: string) => string;
  #text = "";
  #told = "";
  #toldMs = performance.now();

  constructor(err: Output, paint: (text: string) => string) {
    this.#err = err;
    this.#paint = paint;
  }

  /** `text` must be safe to show, and not painted yet. */
  async update(text: string): Promise<void> {
    this.#text = text;
    if (this.#err.isTerminal) return await this.#draw();
    if (text === this.#told || performance.now() - this.#toldMs < plainPeriodMs) return;
    this.#told = text;
    this.#toldMs = performance.now();
    await this.#err.line(text);
  }

  /** Makes room, lets `write` print whole lines, and puts the status below them again. */
  async around(write: () => Promise<void>): Promise<void> {
    if (this.#err.isTerminal) await this.#err.write(clearLine);
    await write();
    if (this.#err.isTerminal) await this.#draw();
  }

  async clear(): Promise<void> {
    if (this.#err.isTerminal) await this.#err.write(clearLine);
  }

  async #draw(): Promise<void> {
    const text = this.#text.slice(0, this.#err.columns - 1);
    await this.#err.write(clearLine + this.#paint(text));
  }
}
