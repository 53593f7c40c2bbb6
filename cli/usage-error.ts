import { FedbusError } from "../schemas/errors.js";
import { nearest } from "../schemas/nearest.js";
import { unmarked } from "./operands.js";

/** What yargs has to say about a line that it cannot take. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Where in the commands the parser was when it gave up. */
export interface Known {
  /** The commands that it had recognised: `["log", "trim"]`. */
  readonly path: readonly string[];
  /** Names of the commands that could have come next. */
  readonly commands: readonly string[];
  /** Names of what must be given there: the arguments in their order, then options. */
  readonly demanded: readonly string[];
  /** Names of the options there. */
  readonly options: readonly string[];
}

interface Told {
  readonly message: string;
  readonly remedy?: string | undefined;
}

interface Line extends Known {
  readonly words: readonly string[];
}

type Rule = readonly [pattern: RegExp, tell: (found: RegExpExecArray, line: Line) => Told];

/** What yargs says, and how we say it: with the option named, and what to do. */
const rules: readonly Rule[] = [
  [/^Unknown (?:argument|command)s?: ([^,]+)/, ([, name = ""], line) => tellUnknown(name, line)],
  [
    /^Not enough arguments following: (.+)$/,
    ([, name = ""]) => ({ message: `${dashed(name)} needs a value behind it` }),
  ],
  [
    /^Not enough non-option arguments: got (\d+)/,
    ([, got], { demanded }) => ({ message: missingArgument(demanded[Number(got)]) }),
  ],
  [/^Missing required arguments?: ([^,]+)/, ([, name = ""], line) => tellMissing(name, line)],
  [
    /^Invalid values:\s+Argument: (.+), Given: (.+), Choices: (.+)$/s,
    ([, name = "", value, choices]) => ({
      message: `${dashed(name)} cannot be ${value}`,
      remedy: `${dashed(name)} takes one of ${choices}`,
    }),
  ],
];

/** An error that yargs threw as OPTIONS_INVALID; any other as it is. */
export function asUsageFailure(error: unknown, words: readonly string[], known: Known): unknown {
  if (!(error instanceof Error) || !["UsageError", "YError"].includes(error.name)) return error;
  const told = tell(unmarked(error.message), { ...known, words });
  const remedy = told.remedy ?? `see \`${["fedbus", ...known.path, "--help"].join(" ")}\``;
  return new FedbusError("OPTIONS_INVALID", told.message, { details: { remedy } });
}

function tell(text: string, line: Line): Told {
  for (const [pattern, phrase] of rules) {
    const found = pattern.exec(text);
    if (found !== null) return phrase(found, line);
  }
  return { message: text.replace(/\s+/g, " ").trim() };
}

function tellUnknown(name: string, { words, path, commands, options }: Line): Told {
  const isOption = words.some((word) => /^--?[^-]/.test(word) && word.includes(name));
  if (isOption && !words.includes(name)) {
    const suggestion = nearest(name, options) ?? meantBy(name, options);
    const remedy = suggestion === undefined ? undefined : `did you mean ${dashed(suggestion)}?`;
    return { message: `there is no option ${dashed(name)}`, remedy };
  }
  if (commands.length === 0) return { message: `"${name}" is not expected here` };
  const suggestion = nearest(name, commands);
  const whole = ["fedbus", ...path, suggestion].join(" ");
  return {
    message: `there is no command "${[...path, name].join(" ")}"`,
    remedy: suggestion === undefined ? undefined : `did you mean \`${whole}\`?`,
  };
}

/** Names that other programs have for what is called otherwise here. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  ...{
    port: ["listen", "hub"],
    address: ["listen", "hub"],
    bind: ["listen"],
    host: ["listen", "hub"],
  },
  ...{ url: ["hub"], server: ["hub"], directory: ["dir"], path: ["dir"], data: ["dir"] },
};

/** The option here that means the same, by the name that it has elsewhere. */
function meantBy(name: string, options: readonly string[]): string | undefined {
  const meant = Object.hasOwn(otherNames, name) ? otherNames[name]! : [];
  return meant.find((option) => options.includes(option));
}

/** What is missing may be there, misspelt. */
function tellMissing(name: string, { words, options }: Line): Told {
  const message = `${dashed(name)} is missing`;
  const given = words.flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? []);
  const meant = given.find((word) => !options.includes(word) && nearest(word, [name]) === name);
  if (meant === undefined) return { message };
  const remedy = `did you mean ${dashed(name)}?`;
  return { message: `${message}, and there is no option ${dashed(meant)}`, remedy };
}

function missingArgument(name: string | undefined): string {
  return name === undefined ? "an argument is missing" : `the argument <${name}> is missing`;
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}
