import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";

/** Nothing is being handled. */
const nothing = "-";
/** Bytes of the file: each place is written over the one before. */
const placeBytes = 640;

/**
 * A small file that names what is being handled, for the case that the process dies of it. It is
 * there from a start to the next clean end, so finding one means that a process died; only then are
 * places written, since that costs a system call for each event. The page cache outlives a process,
 * so nothing is synced.
 */
export class InFlight {
  readonly #path: string;
  readonly #bytes = Buffer.alloc(placeBytes);
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether a process died here before, and at which place, if that is known. */
  begin(): { readonly died: boolean; readonly at: string | undefined } {
    const found = this.#read();
    this.#file ??= openSync(this.#path, "w");
    this.#write(nothing);
    return { died: found !== undefined, at: found === nothing ? undefined : found };
  }

  enter(place: string): void {
    this.#write(place);
  }

  leave(): void {
    this.#write(nothing);
  }

  /** A clean end. */
  end(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    rmSync(this.#path, { force: true });
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.#path, "utf8").trimEnd() || nothing;
    } catch {
      return undefined;
    }
  }

  #write(place: string): void {
    if (this.#file === undefined) return;
    this.#bytes.fill(" ");
    this.#bytes.write(place);
    writeSync(this.#file, this.#bytes, 0, placeBytes, 0);
  }
}
