import type { Bus } from "../../bus/index.js";
import {
  closedLetters,
  type DeadLetter,
  deadLetterAt,
  existingHome,
  type LetterEnd,
  openDeadLetters,
} from "../../consumers/index.js";
import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { withBus } from "../bus-for.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { escapeText } from "../render/escape.js";
import { parseCount } from "../units.js";
import { consumersDir } from "./place.js";

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
  /** Whether also to do it to those that are dealt with. */
  readonly force?: boolean;
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
  context: Context,
  { told, work }: LetterWork,
): Promise<ExitCode> {
  const { where, json, out } = context;
  return await withBus(where, async ({ bus }) => {
    let code: ExitCode = exit.ok;
    const closed =
      meant.all || meant.force ? new Map<number, LetterEnd>() : await closedLetters(bus);
    for await (const letter of lettersFrom(meant, bus, context)) {
      const { offset: deadLetter, consumer } = letter;
      const done = await outcomeOf(closed.get(deadLetter), () => work(bus, letter));
      if (!("offset" in done)) code = exit.problems;
      const line = lineOf(done, told);
      if (json) await out.json({ deadLetter, consumer, ...done });
      else await out.line(`${deadLetter} of ${escapeText(consumer)}: ${line}`);
    }
    return code;
  });
}

type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

async function outcomeOf(already: LetterEnd | undefined, work: () => Promise<number>) {
  // A consumer passes over a second retry of an event: it would be told as done and change nothing.
  if (already !== undefined) return { already };
  try {
    return { offset: await work() };
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return { error: error.toJSON() };
  }
}

function lineOf(done: Outcome, told: string): string {
  if ("already" in done) return `already ${done.already}`;
  return "error" in done ? escapeText(done.error.message) : `${told} ${done.offset}`;
}

/** Rejects with CONSUMER_UNKNOWN for a name that neither has run nor has a dead letter in the log. */
export async function checkHasLetters(bus: Bus, name: string, context: Context): Promise<void> {
  const patterns = `consumers.${name}.dead-letter`;
  for await (const _ of bus.query({ patterns, limit: 1 })) return;
  await existingHome(await consumersDir(bus, context), name);
}

async function* lettersFrom(
  { letters, all }: Meant,
  bus: Bus,
  context: Context,
): AsyncGenerator<DeadLetter> {
  if (all) {
    for (const name of letters) await checkHasLetters(bus, name, context);
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
