import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope } from "../../schemas/envelope.js";

const dir = process.env.FEDBUS_FEDORA_DATA;

/** Why tests on real messages are left out, or false: they need a folder that is not shipped. */
export const skipWithoutData: string | false =
  dir === undefined ? "FEDBUS_FEDORA_DATA does not name a folder of Fedora's messages" : false;

/** A path in the folder of real messages. */
export function realPath(...parts: readonly string[]): string {
  return join(dir ?? "", ...parts);
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
