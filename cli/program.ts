import yargs, { type Argv } from "yargs";
import type { Chosen } from "./command.js";
import { addCommands, type Listed } from "./command-table.js";
import { defaultDir } from "./config.js";
import { exitCodesHelp } from "./exit.js";
import { markOperands } from "./operands.js";
import { asUsageFailure, type Known, UsageError } from "./usage-error.js";

/** What a command line says. */
export interface CommandLine {
  /** The command to run; undefined if the line only asked for help. */
  readonly chosen: Chosen | undefined;
  /** Help or completion text. */
  readonly text: string;
  readonly hub: string | undefined;
  readonly dir: string | undefined;
  readonly json: boolean;
}

/** Reads a command line. Throws OPTIONS_INVALID, with a suggestion where there is one. */
export async function parseCommandLine(
  line: readonly string[],
  commands: readonly Listed[],
): Promise<CommandLine> {
  let chosen: Chosen | undefined;
  let text = "";
  const words = markOperands(line[0] === "help" ? [...line.slice(1), "--help"] : line);
  const parser = createParser();
  const choose = (command: Chosen): void => {
    chosen = command;
  };
  await addCommands(parser, commands, { words, choose });
  try {
    const values = await parser.parseAsync(words, {}, (_error, _values, output) => {
      text = output;
    });
    const { hub, dir, json } = values as { hub?: string; dir?: string; json?: boolean };
    return { chosen, text, hub, dir, json: json === true };
  } catch (error) {
    throw asUsageFailure(error, words, knownTo(parser));
  }
}

function createParser(): Argv {
  return yargs()
    .scriptName("fedbus")
    .locale("en")
    .usage("$0 <command>\n\nAn event bus with a log: publish, tail, query, replay.")
    .options({
      hub: {
        type: "string",
        requiresArg: true,
        describe: "Address of a running hub (or FEDBUS_HUB)",
      },
      dir: {
        type: "string",
        requiresArg: true,
        describe: `Directory of the log (or FEDBUS_DIR; default ${defaultDir})`,
      },
      json: { type: "boolean", default: false, describe: "Print JSON, errors too" },
    })
    .group(["hub", "dir", "json", "help"], "Everywhere:")
    .parserConfiguration({
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
    })
    .completion("completion", "Print a script that completes commands in bash or zsh")
    .demandCommand(1, "Say which command")
    .strict()
    .version(false)
    .help()
    .alias({ h: "help" })
    .wrap(100)
    .epilogue(`${exitCodesHelp}\n\n\`fedbus --version\` prints the version.`)
    .exitProcess(false)
    .fail((message: string | null, error?: Error) => {
      throw error ?? new UsageError(message ?? "wrong usage");
    });
}

/** What yargs has for its own parts only, and tells of the place where it gave up. */
interface Internals {
  getOptions(): { readonly key: object };
  getDemandedOptions(): object;
  getInternalMethods(): {
    getContext(): { readonly commands: readonly string[] };
    getCommandInstance(): { getCommands(): readonly string[] };
  };
}

function knownTo(parser: Argv): Known {
  const internals = parser as Argv & Internals;
  const methods = internals.getInternalMethods();
  return {
    path: methods.getContext().commands,
    commands: methods.getCommandInstance().getCommands(),
    demanded: Object.keys(internals.getDemandedOptions()),
    options: Object.keys(internals.getOptions().key),
  };
}
