import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { FedbusError } from "../../schemas/errors.js";
import type { Context } from "../context.js";

/** What a command reads: its bytes, and how many there will be; 0 if nobody knows. */
export interface OpenedInput {
  readonly stream: Readable;
  readonly size: number;
}

/** Opens a file, or standard input for `-` and undefined. Rejects with INPUT_INVALID. */
export async function openInput(
  path: string | undefined,
  { input, err, signal }: Pick<Context, "input" | "err" | "signal">,
): Promise<OpenedInput> {
  if (path !== undefined && path !== "-") {
    const size = await sizeOf(path);
    return { stream: createReadStream(path, { signal }), size };
  }
  if (input.isTTY === true) await err.line("Reading lines from the terminal; Ctrl-D ends them.");
  signal.addEventListener("abort", () => input.destroy(), { once: true });
  return { stream: input, size: 0 };
}

/** Bytes in the file. Rejects with INPUT_INVALID for a directory, and as `stat` does. */
export async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const details = { path, remedy: "name a file" };
  throw new FedbusError("INPUT_INVALID", `${path} is a directory`, { details });
}

/** Whether a file, and no directory, can be found under this name. */
export async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Bytes of a file that were read so far. */
export function bytesRead(stream: Readable): number {
  return (stream as Readable & { readonly bytesRead?: number }).bytesRead ?? 0;
}
