import yargs, { type Argv } from "yargs";
import { addCommands, type Chosen, type Command } from "./command.js";
import { defaultDir } from "./config.js";
import { exitCodesHelp } from "./exit.js";
import { asUsageFailure, UsageError } from "./usage-error.js";

/** What a command line says. */
export interface CommandLine {
  /** The command to run; undefined if the line only asked for help or the version. */
  readonly chosen: Chosen | undefined;
  /** Help, version or completion text. */
  readonly text: string;
  readonly hub: string | undefined;
  readonly dir: string | undefined;
}

/** Reads a command line. Throws OPTIONS_INVALID, with a suggestion where there is one. */
export async function parseCommandLine(
  line: readonly string[],
  commands: readonly Command[],
  version: string,
): Promise<CommandLine> {
  let chosen: Chosen | undefined;
  let text = "";
  if (line[0] === "--version") return { chosen, text: version, hub: undefined, dir: undefined };
  const parser = createParser();
  addCommands(parser, commands, (command) => {
    chosen = command;
  });
  try {
    const values = await parser.parseAsync([...line], {}, (_error, _values, output) => {
      text = output;
    });
    const { hub, dir } = values as { hub?: string; dir?: string };
    return { chosen, text, hub, dir };
  } catch (error) {
    throw asUsageFailure(error, line, optionsOf(parser));
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
    .recommendCommands()
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

/** Every option that the parser, after the command's own were added, knows. */
function optionsOf(parser: Argv): string[] {
  const { key } = (parser as Argv & { getOptions(): { key: object } }).getOptions();
  return Object.keys(key);
}
