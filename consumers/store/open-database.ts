import { mkdir, readdir } from "node:fs/promises";
import { type Database, isDiskFull, isLocked, openDatabase } from "../../bus/index.js";
import { damagedFile } from "../../bus/storage/table-check.js";
import { FedbusError } from "../../schemas/index.js";

const sizes = { writeBufferBytes: 8 * 1024 * 1024, cacheBytes: 16 * 1024 * 1024 };

/** Bytes of tables that are checked whole at open: some 150 ms. Of more, indexes and filters. */
const tableBytesChecked = 64 * 1024 * 1024;

/**
 * Opens a store's database. Never makes one over the remains of another: LevelDB would delete them.
 * Rejects with STATE_IN_USE, STATE_NOT_FOUND, STATE_CORRUPT or LOG_DISK_LOW.
 */
export async function openStateDatabase(dir: string, create: boolean): Promise<Database> {
  const found = await filesIn(dir);
  const exists = found.includes("CURRENT");
  if (!exists && found.some((name) => /^\d+\.(?:ldb|log)$/.test(name)))
    throw new FedbusError("STATE_CORRUPT", `the store ${dir} has lost its CURRENT file`, {
      details: { dir },
    });
  if (!exists && !create)
    throw new FedbusError("STATE_NOT_FOUND", `there is no consumer's store in ${dir}`, {
      details: { dir },
    });
  await refuseDamage(dir, exists);
  try {
    await mkdir(dir, { recursive: true });
    return await openDatabase(dir, { createIfMissing: !exists, ...sizes });
  } catch (cause) {
    throw explained(dir, cause);
  }
}

/** An entry that is not found is taken for one that never was: so nothing may be missing. */
async function refuseDamage(dir: string, exists: boolean): Promise<void> {
  if (!exists) return;
  const path = await damagedFile(dir, { dataBytesMax: tableBytesChecked });
  if (path === undefined) return;
  const details = { dir, path };
  throw new FedbusError("STATE_CORRUPT", `${path} of the store is damaged`, { details });
}

async function filesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch {
    return [];
  }
}

function explained(dir: string, cause: unknown): FedbusError {
  const options = { cause, details: { dir } };
  if (isLocked(cause))
    return new FedbusError("STATE_IN_USE", `another process has the store ${dir} open`, options);
  if (isDiskFull(cause))
    return new FedbusError("LOG_DISK_LOW", `no room on the disk for the store ${dir}`, options);
  return new FedbusError("STATE_CORRUPT", `the store ${dir} cannot be read`, options);
}
