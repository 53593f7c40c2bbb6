import { link, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * LevelDB's last writes, kept over an open.
 *
 * When LevelDB opens, it moves the records of its write-ahead log into tables and deletes the file;
 * records that it cannot read it drops, and with them their neighbours. By the time that the log
 * notices the loss, what could have been saved would be gone. So the files get a second name
 * before, which costs nothing, and lose it once the tail was found whole. `repairLog` puts them
 * back: LevelDB's repair reads them without regard to their checksums, and ours decide.
 */
const keptDir = "kept-writes";

/** Gives the write-ahead logs a second name. Files kept from an earlier open stay. */
export async function keepWrites(dir: string): Promise<void> {
  const names = await readdir(join(dir, "blocks")).catch(() => []);
  const logs = names.filter((name) => name.endsWith(".log"));
  if (logs.length === 0) return;
  await mkdir(join(dir, keptDir), { recursive: true });
  // Where the file system knows no links, there is less to repair from.
  for (const name of logs)
    await link(join(dir, "blocks", name), join(dir, keptDir, name)).catch(() => {});
}

export async function dropKeptWrites(dir: string): Promise<void> {
  await rm(join(dir, keptDir), { recursive: true, force: true });
}

/** Moves kept files back to where LevelDB's repair looks for them. */
export async function putBackWrites(dir: string): Promise<void> {
  const names = await readdir(join(dir, keptDir)).catch(() => undefined);
  if (names === undefined) return;
  const present = new Set(await readdir(join(dir, "blocks")));
  for (const name of names)
    if (present.has(name)) await rm(join(dir, keptDir, name));
    else await rename(join(dir, keptDir, name), join(dir, "blocks", name));
  await rmdir(join(dir, keptDir));
}
