import type {
  ArgumentsCamelCase,
  Argv,
  InferredOptionType,
  Options,
  PositionalOptions,
} from "yargs";
import { FedbusError } from "../schemas/index.js";
import type { Context } from "./context.js";
import type { ExitCode } from "./exit.js";
import { unmarkedValues } from "./operands.js";

/** Options of every command that take a value. */
const everywhere: readonly string[] = ["hub", "dir"];

type OptionTable = Readonly<Record<string, Options>>;
type ArgumentTable = Readonly<Record<string, PositionalOptions>>;
type Values<T extends OptionTable | ArgumentTable> = ArgumentsCamelCase<{
  [K in keyof T]: InferredOptionType<T[K]>;
}>;

interface CommandSpec<P extends ArgumentTable, O extends OptionTable> {
  /** The name and its arguments: `publish <topic> [json]`. */
  readonly usage: string;
  readonly summary: string;
  readonly positionals: P;
  readonly options: O;
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(values: Values<P> & Values<O>, context: Context): Promise<ExitCode>;
}

/** A command that has been chosen, with its options, ready to run. */
export type Chosen = (context: Context) => Promise<ExitCode>;

/** Adds a command to yargs; `choose` is called when it is the one that was typed. */
export type Command = (parser: Argv, choose: (chosen: Chosen) => void) => Argv;

/** One command. Its options are declared once, and typed from that. */
export function command<P extends ArgumentTable, O extends OptionTable>(
  spec: CommandSpec<P, O>,
): Command {
  return (parser, choose) =>
    parser.command(
      spec.usage,
      spec.summary,
      (builder) => {
        for (const [name, option] of Object.entries(spec.positionals))
          builder.positional(name, option);
        for (const [example, what] of spec.examples) builder.example(example, what);
        return builder
          .options(withArguments(spec.options))
          .group(Object.keys(spec.options), "Options:");
      },
      (values: object) =>
        choose(async (context) => {
          checkGivenOnce(values, spec.options);
          return await spec.run(unmarkedValues(values) as Values<P> & Values<O>, context);
        }),
    );
}

/** Options that take a value, as yargs wants them: it must be there. */
function withArguments(options: OptionTable): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === "boolean" ? option : { ...option, requiresArg: true },
    ]),
  );
}

/** Options that take one value must not come twice: yargs would make a list of them. */
function checkGivenOnce(values: object, options: OptionTable): void {
  const twice = Object.entries(values).find(
    ([name, value]) =>
      Array.isArray(value) &&
      [...everywhere, ...Object.keys(options)].includes(name) &&
      options[name]?.array !== true,
  );
  if (twice === undefined) return;
  throw new FedbusError("OPTIONS_INVALID", `--${twice[0]} is given more than once`, {
    details: { option: `--${twice[0]}`, remedy: "give it once" },
  });
}

/** A command that only holds others: `log verify`, `log trim`. */
export function commandGroup(
  usage: string,
  summary: string,
  commands: readonly Command[],
): Command {
  return (parser, choose) =>
    parser.command(usage, summary, (builder) =>
      addCommands(builder, commands, choose).demandCommand(1, `Say which \`${usage}\` command`),
    );
}

export function addCommands(
  parser: Argv,
  commands: readonly Command[],
  choose: (chosen: Chosen) => void,
): Argv {
  return commands.reduce((before, add) => add(before, choose), parser);
}
