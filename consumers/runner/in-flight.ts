import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Fault } from "./failure.js";

/** Nothing is being handled. */
const nothing = "-";
/** Bytes of the file: each place is written over the one before. */
const placeBytes = 700;

/** What a process was handling when it died: the how-manieth attempt at which place. */
export interface Death extends Fault {
  readonly attempt: number;
}

/**
 * A small file that names what is being handled, for the case that the process dies of it. It is
 * there from a start to the next clean end, so finding one means that a process died; only then are
 * places written, since that costs a system call for each event. The page cache outlives a process,
 * so nothing is synced. It holds `-`, or attempt, `until` and place, padded with spaces.
 */
export class InFlight {
  readonly #path: string;
  readonly #bytes = Buffer.alloc(placeBytes);
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether a process died here before, and of what, if that is known. */
  begin(): { readonly died: boolean; readonly death: Death | undefined } {
    const found = this.#read();
    this.#file ??= openSync(this.#path, "w");
    this.#write(nothing);
    return { died: found !== undefined, death: deathIn(found ?? nothing) };
  }

  enter({ attempt, until, place }: Death): void {
    this.#write(`${attempt} ${until} ${place}`);
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
    return textAt(this.#path);
  }

  #write(text: string): void {
    if (this.#file === undefined) return;
    this.#bytes.fill(" ");
    this.#bytes.write(text);
    writeSync(this.#file, this.#bytes, 0, placeBytes, 0);
  }
}

/** What a process whose file that is was handling when it died; undefined if that is not known. */
export function deathNotedAt(path: string): Death | undefined {
  return deathIn(textAt(path) ?? nothing);
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trimEnd();
  } catch {
    return undefined;
  }
}

function deathIn(text: string): Death | undefined {
  const [, attempt, until, place] = /^(\d+) (-?\d+) (.+)$/s.exec(text) ?? [];
  if (place === undefined) return undefined;
  return { attempt: Number(attempt), until: Number(until), place };
}
