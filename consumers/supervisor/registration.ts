import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { ConsumerHome } from "../home/home.js";

/** What was last run under a consumer's name: its `consumer.json`. */
export interface Registration {
  /** The plugin's file. */
  readonly path: string;
  readonly version: string;
  /** As it was given, without defaults. */
  readonly config: unknown;
  /** The offset that stores without a checkpoint start at. */
  readonly startAt: number;
  /** Whether it is to handle nothing until it is resumed. */
  readonly paused: boolean;
}

const fileOf = (home: ConsumerHome): string => join(home.dir, "consumer.json");

/** Undefined for a consumer that was never run by a supervisor. Rejects with STATE_CORRUPT. */
export async function readRegistration(home: ConsumerHome): Promise<Registration | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(home), "utf8");
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Registration;
  } catch (cause) {
    throw new FedbusError("STATE_CORRUPT", `${fileOf(home)} is damaged`, { cause });
  }
}

export async function writeRegistration(
  home: ConsumerHome,
  registration: Registration,
): Promise<void> {
  await mkdir(home.dir, { recursive: true });
  await writeDurably(fileOf(home), `${JSON.stringify(registration, undefined, 2)}\n`);
}
