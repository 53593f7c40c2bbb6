import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces the file at `path` so that after any crash it has either the old or the new content. Writers
 * that may come at once need a `temporary` file each.
 */
export async function writeDurably(
  path: string,
  content: string | Buffer,
  { temporary = `${path}.tmp` }: { readonly temporary?: string } = {},
): Promise<void> {
  const file = await open(temporary, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Makes the names in `dir` durable. Windows cannot, and does not need to. */
export async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
