import type {
  ArgumentsCamelCase,
  Argv,
  InferredOptionType,
  Options,
  PositionalOptions,
} from "yargs";
import { FedbusError } from "../schemas/errors.js";
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
  /** The arguments that its usage names in the table of commands. */
  readonly positionals: P;
  readonly options: O;
  readonly examples: readonly (readonly [command: string, what: string])[];
  run(values: Values<P> & Values<O>, context: Context): Promise<ExitCode>;
}

/** A command that has been chosen, with its options, ready to run. */
export type Chosen = (context: Context) => Promise<ExitCode>;

/** A command's code. Its name and summary stand in the table of commands. */
export interface Command {
  /** Tells the parser of its arguments, options and examples. */
  declare(builder: Argv): Argv;
  /** The command with the values that the parser found. */
  choose(values: object): Chosen;
}

/** One command. Its options are declared once, and typed from that. */
export function command<P extends ArgumentTable, O extends OptionTable>(
  spec: CommandSpec<P, O>,
): Command {
  const { positionals, options, examples } = spec;
  return {
    declare(builder) {
      for (const [name, option] of Object.entries(positionals)) builder.positional(name, option);
      for (const [example, what] of examples) builder.example(example, what);
      return builder.options(withArguments(options)).group(Object.keys(options), "Options:");
    },
    choose: (values) => async (context) => {
      checkGivenOnce(values, options);
      return await spec.run(unmarkedValues(values) as Values<P> & Values<O>, context);
    },
  };
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
