import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../bus/index.js";
import type { ConsumerHome } from "../home/home.js";
import { damaged, storedObject } from "../home/stored-json.js";

/** What was last run under a consumer's name: its `consumer.json`. */
export interface Registration {
  /** The plugin's file. */
  readonly path: string;
  readonly version: string;
  /** As it was given, without defaults. */
  readonly config: unknown;
  /** Patterns of the topics that it reads. Absent until it is run. */
  readonly topics?: readonly string[];
  /** The offset that stores without a checkpoint start at. */
  readonly startAt: number;
  /** Whether it is to handle nothing until it is resumed. */
  readonly paused: boolean;
}

const fileOf = (home: ConsumerHome): string => join(home.dir, "consumer.json");

/** Undefined for a consumer that was never run by a supervisor. Rejects with STATE_CORRUPT. */
export async function readRegistration(home: ConsumerHome): Promise<Registration | undefined> {
  const stored = await storedObject(fileOf(home));
  if (stored === undefined) return undefined;
  if (!isRegistration(stored)) throw damaged(fileOf(home));
  return stored;
}

export async function writeRegistration(
  home: ConsumerHome,
  registration: Registration,
): Promise<void> {
  await mkdir(home.dir, { recursive: true });
  await writeDurably(fileOf(home), `${JSON.stringify(registration, undefined, 2)}\n`);
}

function isRegistration(stored: object): stored is Registration {
  const { path, version, topics = [], startAt, paused } = stored as Partial<Registration>;
  return (
    typeof path === "string" &&
    typeof version === "string" &&
    Array.isArray(topics) &&
    Number.isSafeInteger(startAt) &&
    typeof paused === "boolean"
  );
}
