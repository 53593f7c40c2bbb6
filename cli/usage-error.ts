import { FedbusError } from "../schemas/index.js";
import { nearest } from "./nearest.js";

/** What yargs has to say about a line that it cannot take. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

interface Told {
  readonly message: string;
  readonly remedy?: string | undefined;
}

interface Line {
  readonly words: readonly string[];
  /** Names of the options that the command knows. */
  readonly options: readonly string[];
}

type Rule = readonly [pattern: RegExp, tell: (found: RegExpExecArray, line: Line) => Told];

/** What yargs says, and how we say it: with the option named, and what to do. */
const rules: readonly Rule[] = [
  [/^Unknown (?:argument|command)s?: ([^,]+)/, ([, name = ""], line) => tellUnknown(name, line)],
  [
    /^Did you mean (.+)\?$/,
    ([, name], { words }) => ({
      message: `there is no command "${words[0] ?? ""}"`,
      remedy: `did you mean \`fedbus ${name}\`?`,
    }),
  ],
  [
    /^Not enough arguments following: (.+)$/,
    ([, name = ""]) => ({ message: `${dashed(name)} needs a value behind it` }),
  ],
  [/^Not enough non-option arguments/, () => ({ message: "an argument is missing" })],
  [
    /^Invalid values:\s+Argument: (.+), Given: (.+), Choices: (.+)$/s,
    ([, name = "", value, choices]) => ({
      message: `${dashed(name)} cannot be ${value}`,
      remedy: `${dashed(name)} takes one of ${choices}`,
    }),
  ],
];

/** An error that yargs threw as OPTIONS_INVALID; any other as it is. */
export function asUsageFailure(
  error: unknown,
  line: readonly string[],
  options: string[],
): unknown {
  if (!(error instanceof Error) || !["UsageError", "YError"].includes(error.name)) return error;
  const dash = line.findIndex((word) => word.startsWith("-"));
  const words = dash < 0 ? line : line.slice(0, dash);
  const told = tell(error.message, { words, options });
  const command = words.slice(0, 2).filter((word) => /^[a-z]+$/.test(word));
  const remedy = told.remedy ?? `see \`${["fedbus", ...command, "--help"].join(" ")}\``;
  return new FedbusError("OPTIONS_INVALID", told.message, { details: { remedy } });
}

function tell(text: string, line: Line): Told {
  for (const [pattern, phrase] of rules) {
    const found = pattern.exec(text);
    if (found !== null) return phrase(found, line);
  }
  return { message: text.replace(/\s+/g, " ").trim() };
}

function tellUnknown(name: string, { words, options }: Line): Told {
  if (words.includes(name)) return { message: `"${name}" is not expected here` };
  const suggestion = nearest(name, options);
  const remedy = suggestion === undefined ? undefined : `did you mean ${dashed(suggestion)}?`;
  return { message: `there is no option ${dashed(name)}`, remedy };
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}
