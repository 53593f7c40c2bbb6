import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Envelope } from "../schemas/envelope.js";

/** Real data for tests: not shipped. Beside the checkout, or where FEDBUS_DATA says. */
export const realData =
  process.env.FEDBUS_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const dir = join(realData, "fedora");

/** Why tests on real messages are left out, or false. */
export const skipWithoutData: string | false = existsSync(dir)
  ? false
  : `no real data in ${dir}: FEDBUS_DATA can name another place`;

/** A path in the folder of real messages. */
export function realPath(...parts: readonly string[]): string {
  return join(dir, ...parts);
}

/** The values in a file of one JSON text a line; none if there is no such file. */
export async function realLines(...parts: readonly string[]): Promise<unknown[]> {
  const text = await readFile(realPath(...parts), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** Real fedmsg envelopes. */
export async function realMessages(): Promise<Envelope[]> {
  return (await realLines("messages.ndjson")) as Envelope[];
}
