/** No argument of a process can hold it, so it marks those that came behind `--`. */
const mark = "\0";

/**
 * A command line in which everything behind `--` is an argument and never an option, whatever it
 * starts with: yargs would keep it apart, and commands would not see it.
 */
export function markOperands(line: readonly string[]): string[] {
  const end = line.indexOf("--");
  // A lone `-` is standard input, and no option either.
  const before = line.slice(0, end < 0 ? line.length : end);
  const behind = end < 0 ? [] : line.slice(end + 1);
  return [
    ...before.map((word) => (word === "-" ? mark + word : word)),
    ...behind.map((word) => mark + word),
  ];
}

/** Text in which marked arguments stand as they were typed. */
export function unmarked(text: string): string {
  return text.replaceAll(mark, "");
}

/** What yargs read, with every argument as it was typed. */
export function unmarkedValues<T extends object>(values: T): T {
  const asTyped = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(asTyped);
    return typeof value === "string" ? unmarked(value) : value;
  };
  const entries = Object.entries(values).map(([name, value]) => [name, asTyped(value)]);
  return Object.fromEntries(entries) as T;
}
