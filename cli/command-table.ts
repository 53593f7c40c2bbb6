import type { Argv } from "yargs";
import type { Chosen, Command } from "./command.js";

/** What `--help` lists of a command or a group. */
interface Entry {
  /** The name and its arguments: `publish [topic] [body]`. */
  readonly usage: string;
  readonly summary: string;
}

interface CommandEntry extends Entry {
  /** Loads the command's code and all that it needs. */
  load(): Promise<Command>;
}

/** A command that only holds others: `log verify`, `log trim`. */
interface GroupEntry extends Entry {
  readonly commands: readonly Listed[];
}

/** A command or a group, as the table of commands has it: without the code. */
export type Listed = CommandEntry | GroupEntry;

interface Parts {
  /** The commands whose code is loaded. */
  readonly loaded: ReadonlyMap<CommandEntry, Command>;
  /** Called with the command that was typed. */
  choose(chosen: Chosen): void;
}

/**
 * Adds the commands to the parser. It wants the options of the one that was typed at once, so the code is
 * loaded before, of every command whose name is among `words`.
 */
export async function addCommands(
  parser: Argv,
  commands: readonly Listed[],
  { words, choose }: Pick<Parts, "choose"> & { readonly words: readonly string[] },
): Promise<void> {
  const named = namedIn(commands, new Set(words));
  const loaded = await Promise.all(
    named.map(async (entry) => [entry, await entry.load()] as const),
  );
  addAll(parser, commands, { loaded: new Map(loaded), choose });
}

function namedIn(commands: readonly Listed[], words: ReadonlySet<string>): CommandEntry[] {
  return commands
    .filter(({ usage }) => words.has(usage.split(" ", 1)[0] ?? ""))
    .flatMap((entry) => ("commands" in entry ? namedIn(entry.commands, words) : [entry]));
}

function addAll(parser: Argv, commands: readonly Listed[], parts: Parts): Argv {
  for (const entry of commands)
    if ("commands" in entry) addGroup(parser, entry, parts);
    else addCommand(parser, entry, parts);
  return parser;
}

function addGroup(parser: Argv, { usage, summary, commands }: GroupEntry, parts: Parts): void {
  parser.command(usage, summary, (builder) =>
    addAll(builder, commands, parts).demandCommand(1, `Say which \`${usage}\` command`),
  );
}

function addCommand(parser: Argv, entry: CommandEntry, { loaded, choose }: Parts): void {
  const command = loaded.get(entry);
  parser.command(
    entry.usage,
    entry.summary,
    // What is not loaded is not in the line, so nobody asks for its options.
    (builder) => command?.declare(builder) ?? builder,
    (values: object) => {
      if (command !== undefined) choose(command.choose(values));
    },
  );
}
