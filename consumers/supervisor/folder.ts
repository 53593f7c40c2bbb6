import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { ConsumerHome, type Current } from "../home/home.js";

const nameGrammar = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A consumer's directory, by its name. */
export interface NamedHome {
  readonly name: string;
  readonly home: ConsumerHome;
}

/** The home of `name` in a log's directory. Throws OPTIONS_INVALID for what is no such name. */
export function homeOf(dir: string, name: string): NamedHome {
  if (!nameGrammar.test(name))
    throw new FedbusError("OPTIONS_INVALID", `${JSON.stringify(name)} is no consumer's name`, {
      details: { name, remedy: "names are lower-case letters, digits and dashes, 64 at most" },
    });
  return { name, home: ConsumerHome.of(dir, name) };
}

/** The consumers that have run over the log in `dir`, by name. */
export async function consumersIn(dir: string): Promise<NamedHome[]> {
  const names = await foldersIn(join(dir, "consumers"));
  return names.filter((name) => nameGrammar.test(name)).map((name) => homeOf(dir, name));
}

/** As `homeOf`. Rejects with CONSUMER_UNKNOWN if no such consumer has run. */
export async function existingHome(dir: string, name: string): Promise<NamedHome> {
  const found = homeOf(dir, name);
  const known = (await consumersIn(dir)).map((one) => one.name);
  if (known.includes(name)) return found;
  const others = known.length === 0 ? "none has run there" : `the log has ${known.join(", ")}`;
  throw new FedbusError("CONSUMER_UNKNOWN", `there is no consumer "${name}" in ${dir}: ${others}`, {
    details: { name, dir, known },
  });
}

/** The generation that counts; undefined also if the file that names it is damaged. */
export async function currentIfWhole(home: ConsumerHome): Promise<Current | undefined> {
  try {
    return await home.current();
  } catch (error) {
    if (!isFedbusError(error, "STATE_CORRUPT")) throw error;
    return undefined;
  }
}

/**
 * The number of the generation after the one that counts, and an empty folder for it. Whoever asks
 * must have taken the consumer.
 */
export async function nextGeneration(home: ConsumerHome): Promise<number> {
  const generations = join(home.dir, "generations");
  const current = await currentIfWhole(home);
  // A number never comes again: its outputs would be taken for resends.
  const known = current === undefined ? await foldersIn(generations) : [current.generation];
  const next = Math.max(0, ...known.map(Number).filter(Number.isSafeInteger)) + 1;
  const path = join(generations, String(next));
  // What a crash has left of an attempt before.
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  return next;
}

/** Removes every generation but the one that counts. Whoever asks must have taken the consumer. */
export async function removeOtherGenerations(home: ConsumerHome): Promise<void> {
  const current = await home.current();
  const folder = join(home.dir, "generations");
  for (const name of await foldersIn(folder))
    if (name !== String(current?.generation))
      await rm(join(folder, name), { recursive: true, force: true });
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  }
}
