import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Survey } from "./damage.js";

const program = fileURLToPath(new URL("flip-child.js", import.meta.url));

/** What became of a log with one bit flipped. */
export interface Flipped {
  readonly flip: number;
  /** Whether it was not opened as if nothing were. */
  readonly refused: boolean;
  /** Undefined, as all that was read: it could not be opened at all. */
  readonly head?: number | undefined;
  readonly all?: Survey;
  readonly rare?: Survey;
  readonly answers?: object;
  /** After `fedbus log repair`. */
  readonly repaired: Survey & { readonly verified: number };
}

/** LevelDB ended the process: loud enough, but for a repair. */
export interface Aborted {
  readonly flip: number;
  readonly stage: "open" | "read" | "repair";
}

export interface Flips {
  readonly database: "blocks" | "index";
  readonly ending: ".ldb" | ".log";
  readonly seed: number;
  readonly count: number;
}

/** What becomes of copies of the log in `whole`; the first (-1) is one without a flip. */
export async function flipAll(
  whole: string,
  { database, ending, seed, count }: Flips,
): Promise<{ readonly flipped: readonly Flipped[]; readonly aborted: readonly Aborted[] }> {
  const flipped: Flipped[] = [];
  const aborted: Aborted[] = [];
  for (let from = -1; from < count; ) {
    const given = [whole, database, ending, seed, from, count].map(String);
    const child = spawn(process.execPath, [program, ...given], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    let last: Flipped | Aborted | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      last = JSON.parse(line) as Flipped | Aborted;
      if (!("stage" in last)) flipped.push(last);
    }
    const [code, signal] = await ended;
    if (code === 0) break;
    if (signal !== "SIGABRT" || last === undefined || !("stage" in last))
      throw new Error(`the child ended by ${signal ?? code}: ${complaints}`);
    aborted.push(last);
    from = last.flip + 1;
  }
  return { flipped, aborted };
}
