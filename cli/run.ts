import type { Readable } from "node:stream";
import { defaultUrl } from "../bus/wire/address.js";
import { isFedbusError } from "../schemas/errors.js";
import { type Where, wantsColours, whereFrom } from "./config.js";
import type { Context } from "./context.js";
import { Stop } from "./context.js";
import { type ExitCode, exit, exitCodeFor } from "./exit.js";
import type { Output } from "./output.js";
import type { CommandLine } from "./program.js";
import { createColours } from "./render/colours.js";
import { escapeText } from "./render/escape.js";
import { asFedbusError, renderError, renderErrorJson } from "./render/failure.js";

/** What the process gives to the command line. */
export interface Surroundings {
  readonly line: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly out: Output;
  readonly err: Output;
  readonly signal: AbortSignal;
  readonly version: string;
  readonly cwd: string;
}

/** Runs one command line to its end; its exit code. Nothing is thrown. */
export async function run(surroundings: Surroundings): Promise<ExitCode> {
  const { line, out, err, signal } = surroundings;
  let json = asksForJson(line);
  try {
    if (line[0] === "--version") {
      await out.line(surroundings.version);
      await out.flush();
      return exit.ok;
    }
    const parsed = await parse(line);
    json = parsed.json;
    if (parsed.text !== "") await out.line(parsed.text);
    const code = (await parsed.chosen?.(contextFor(surroundings, parsed))) ?? exit.ok;
    await out.flush();
    return code;
  } catch (error) {
    if (signal.aborted && endsWithAbort(error)) return exitCodeOfStop(signal.reason);
    const failure = asFedbusError(error);
    const colours = createColours(wantsColours(err.isTerminal, surroundings.environment));
    await err.write(json ? renderErrorJson(failure) : renderError(failure, colours));
    return exitCodeFor(failure.code);
  }
}

/** Loads the parser, which takes longer than to tell the version. */
async function parse(line: readonly string[]): Promise<CommandLine> {
  const [{ parseCommandLine }, { commands }] = await Promise.all([
    import("./program.js"),
    import("./commands/index.js"),
  ]);
  return await parseCommandLine(line, commands);
}

/** What a line that cannot be read says about how its error is to be told. */
function asksForJson(line: readonly string[]): boolean {
  const end = line.indexOf("--");
  const words = end < 0 ? line : line.slice(0, end);
  return words.some((word) => word === "--json" || word === "--json=true");
}

function contextFor(
  { environment, input, out, err, signal, version, cwd }: Surroundings,
  options: CommandLine,
): Context {
  return {
    where: withFallback(whereFrom(options, environment), err),
    json: options.json,
    input,
    out,
    err,
    colours: createColours(wantsColours(out.isTerminal, environment)),
    errColours: createColours(wantsColours(err.isTerminal, environment)),
    signal,
    version,
    cwd,
    environment,
  };
}

function withFallback(where: Where, err: Output): Where {
  if (where.hub !== undefined || where.dirGiven) return where;
  const tell = (url: string): Promise<void> =>
    err.line(`There is no log in ${escapeText(where.dir)}: this is the hub at ${url}.`);
  return { ...where, fallback: { url: defaultUrl, tell } };
}

/** Whether this is how work ends that was told to stop. */
function endsWithAbort(error: unknown): boolean {
  if (isFedbusError(error)) return error.code === "CLOSED";
  if (!(error instanceof Error)) return false;
  // Standard input that was being read is closed, so that it does not hold the process.
  const closed = "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
  return closed || error.name === "AbortError";
}

function exitCodeOfStop(reason: unknown): ExitCode {
  return reason instanceof Stop && reason.why === "reader left" ? exit.ok : exit.interrupted;
}
