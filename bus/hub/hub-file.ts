import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a running hub leaves in its log's directory, so that commands there find it. */
export interface HubFile {
  readonly pid: number;
  readonly url: string;
}

const nameOf = (dir: string): string => join(dir, "hub.json");

export async function writeHubFile(dir: string, file: HubFile): Promise<void> {
  const fresh = `${nameOf(dir)}.${file.pid}`;
  await writeFile(fresh, `${JSON.stringify(file)}\n`);
  await rename(fresh, nameOf(dir));
}

export async function removeHubFile(dir: string): Promise<void> {
  await rm(nameOf(dir), { force: true });
}

/** The hub that says it runs on this directory, if its process is alive. */
export async function readHubFile(dir: string): Promise<HubFile | undefined> {
  try {
    const { pid, url } = JSON.parse(await readFile(nameOf(dir), "utf8")) as Partial<HubFile>;
    if (typeof url !== "string" || typeof pid !== "number") return undefined;
    process.kill(pid, 0);
    return { pid, url };
  } catch (error) {
    // EPERM: it is alive, and another user's.
    if ((error as NodeJS.ErrnoException).code === "EPERM") throw error;
    return undefined;
  }
}
