import type { Readable } from "node:stream";
import type { Where } from "./config.js";
import type { Output } from "./output.js";
import type { Colours } from "./render/colours.js";

/** What a command is given: everything of the process that it may touch. */
export interface Context {
  /** Where the log is: a hub's address, or a directory. */
  readonly where: Where;
  /** Whether answers go out as JSON. */
  readonly json: boolean;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly out: Output;
  /** Notes, progress and errors: never data. */
  readonly err: Output;
  /** For what goes to `out`. */
  readonly colours: Colours;
  /** For what goes to `err`. */
  readonly errColours: Colours;
  /** Aborted by Ctrl-C and when the reader of `out` leaves. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** The working directory. */
  readonly cwd: string;
  /** For what is passed on to other processes: nothing else is read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Why a command is told to stop. */
export class Stop extends Error {
  override readonly name = "AbortError";
  readonly why: "interrupted" | "reader left";

  constructor(why: "interrupted" | "reader left") {
    super(why);
    this.why = why;
  }
}
