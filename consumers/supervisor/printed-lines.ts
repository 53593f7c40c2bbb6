import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

export interface PrintedOptions {
  readonly lineLengthMax: number;
  readonly linesPerSecondMax: number;
  /** A line, without its end; what `linesPerSecondMax` left out is told as a line too. */
  readonly onLine: (line: string) => void;
}

const secondMs = 1_000;

/** Lines of what a process prints: long ones are cut, and too many are counted instead of told. */
export class PrintedLines {
  /** The line told last. */
  last = "";
  readonly #options: PrintedOptions;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  #isCut = false;
  #second = 0;
  #told = 0;
  #dropped = 0;

  constructor(stream: Readable, options: PrintedOptions) {
    this.#options = options;
    stream.on("data", (bytes: Buffer) => this.#take(this.#decoder.write(bytes)));
    stream.on("end", () => this.#end());
    stream.on("error", () => this.#end());
  }

  #take(text: string): void {
    const lines = text.split("\n");
    for (const [index, piece] of lines.entries()) {
      const room = this.#options.lineLengthMax - this.#rest.length;
      this.#rest += piece.slice(0, room);
      this.#isCut ||= piece.length > room;
      if (index < lines.length - 1) this.#finishLine();
    }
  }

  #finishLine(): void {
    const line = this.#isCut ? `${this.#rest}...` : this.#rest;
    this.#rest = "";
    this.#isCut = false;
    if (line.trim() !== "") this.#tell(line);
  }

  #tell(line: string): void {
    this.last = line;
    const second = Math.floor(performance.now() / secondMs);
    if (second !== this.#second) {
      this.#second = second;
      this.#told = 0;
      this.#tellDropped();
    }
    if (++this.#told > this.#options.linesPerSecondMax) this.#dropped++;
    else this.#options.onLine(line);
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#options.onLine(`(${this.#dropped} lines more were left out)`);
    this.#dropped = 0;
  }

  #end(): void {
    this.#finishLine();
    this.#tellDropped();
  }
}
