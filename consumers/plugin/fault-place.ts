import { fileURLToPath } from "node:url";

/** Where in a plugin's sources something went wrong. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

const position = /(?:^|[\s(])((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n()]*?):(\d+)(?::(\d+))?\)?\s*$/;

/**
 * Where the error arose, as far as it tells: the place that the parser names, else the innermost
 * frame of its stack for which `isTheirs`.
 */
export function placeOf(error: unknown, isTheirs: (file: string) => boolean): Place | undefined {
  if (!(error instanceof Error)) return undefined;
  // The parser says it in the message; Node, of a file that it parses itself, above the message.
  const lines = [...error.message.split("\n"), ...(error.stack ?? "").split("\n")];
  for (const line of lines) {
    const [, path, at, column] = position.exec(line) ?? [];
    if (path === undefined) continue;
    const file = path.startsWith("file://") ? fileURLToPath(path) : path;
    if (isTheirs(file))
      return {
        file,
        line: Number(at),
        ...(column === undefined ? {} : { column: Number(column) }),
      };
  }
  return undefined;
}

/** What the error says, without the place and the stack. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [first = ""] = text.replace(/^ParseError: /, "").split("\n");
  return first.trim() || "it says no reason";
}

export function showPlace({ file, line, column }: Place): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}`;
}
