import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Quota } from "./quota.js";

export interface PrintedOptions {
  readonly lineLengthMax: number;
  readonly linesPerSecondMax: number;
  /** A line, without its end; what `linesPerSecondMax` left out is told as a line too. */
  readonly onLine: (line: string) => void;
}

/** Lines of what a process prints: long ones are cut, and too many are counted instead of told. */
export class PrintedLines {
  /** The line told last. */
  last = "";
  readonly #options: PrintedOptions;
  readonly #decoder = new StringDecoder("utf8");
  readonly #quota: Quota;
  #rest = "";
  #isCut = false;

  constructor(stream: Readable, options: PrintedOptions) {
    this.#options = options;
    this.#quota = new Quota(options.linesPerSecondMax);
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
    if (!this.#quota.take()) return;
    this.#tellDropped();
    this.#options.onLine(line);
  }

  #tellDropped(): void {
    const dropped = this.#quota.dropped();
    if (dropped > 0) this.#options.onLine(`(${dropped} lines more were left out)`);
  }

  #end(): void {
    this.#finishLine();
    this.#tellDropped();
  }
}
