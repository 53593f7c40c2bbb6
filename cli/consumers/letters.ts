import type { Bus } from "../../bus/index.js";
import { type DeadLetter, deadLetterAt, openDeadLetters } from "../../consumers/index.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { withBus } from "../bus-for.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { escapeText } from "../render/escape.js";
import { parseCount } from "../units.js";

/** Arguments and options that say which dead letters are meant. */
export const lettersArgument = {
  letters: {
    type: "string",
    array: true,
    default: [] as string[],
    describe: "Offsets of dead letters; with --all, names of consumers",
  },
} as const;
export const lettersOptions = {
  all: { type: "boolean", default: false, describe: "All of the consumers named, or of every one" },
} as const;

interface Meant {
  readonly letters: readonly string[];
  readonly all: boolean;
}

/** What is done to a dead letter; resolves with the offset of the event that says so. */
export interface LetterWork {
  /** What became of it, in a few words that the offset follows. */
  readonly told: string;
  readonly work: (bus: Bus, letter: DeadLetter) => Promise<number>;
}

/** Does it to each dead letter that is meant, and tells what became of it. */
export async function withLetters(
  meant: Meant,
  { where, json, out }: Context,
  { told, work }: LetterWork,
): Promise<ExitCode> {
  return await withBus(where, async ({ bus }) => {
    let code: ExitCode = exit.ok;
    for await (const letter of lettersFrom(meant, bus)) {
      const done = await outcomeOf(() => work(bus, letter));
      if ("error" in done) code = exit.problems;
      const { offset: deadLetter, consumer } = letter;
      const line = "error" in done ? escapeText(done.error.message) : `${told} ${done.offset}`;
      if (json) await out.json({ deadLetter, consumer, ...done });
      else await out.line(`${deadLetter} of ${escapeText(consumer)}: ${line}`);
    }
    return code;
  });
}

async function outcomeOf(work: () => Promise<number>) {
  try {
    return { offset: await work() };
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return { error: error.toJSON() };
  }
}

async function* lettersFrom({ letters, all }: Meant, bus: Bus): AsyncGenerator<DeadLetter> {
  if (all) {
    const names = letters.length === 0 ? [undefined] : letters;
    for (const name of names) yield* openDeadLetters(bus, name);
    return;
  }
  if (letters.length === 0)
    throw new FedbusError("OPTIONS_INVALID", "no dead letter is named", {
      details: { remedy: "name offsets (`fedbus dlq list` has them), or give --all" },
    });
  const offsets = letters.map((text) => parseCount("offset", text));
  // All are looked up before anything is done to one.
  yield* await Promise.all(offsets.map((offset) => deadLetterAt(bus, offset)));
}
